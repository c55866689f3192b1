/// The files of a recipe at one commit. Whoever wrote the commit chose every name and link in them.
public enum RecipeTree {
  /// Refuses symbolic links that lead out of the checkout or nowhere: abra, docker and this program read the files as root, and would read
  /// the host's instead (`.env.sample -> /run/secrets/token`). One that leads nowhere now may lead somewhere later.
  ///
  /// Throws `badData` naming the link.
  public static func check(_ checkout: String, of recipe: RecipeName) throws(Failure) {
    let root = try Files.resolve(checkout)
    var folders = [""]
    while let folder = folders.popLast() {
      for name in try Files.list("\(root)/\(folder)") where folder != "" || name != ".git" {
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        let kind = try Files.status("\(root)/\(path)")?.kind
        if kind == .directory { folders.append(path) }
        guard kind == .symlink, try !leadsInside("\(root)/\(path)", root) else { continue }
        throw Failure(
          .badData, "\(recipe): \(path): is a link that leads out of the recipe, or nowhere", why: "whoever reads it would read this host",
          next: "replace the link with the file itself")
      }
    }
  }

  /// Refuses texts of the recipe that abra could not read either, before anything is created: `.env.sample`, which every app's `.env` is made of,
  /// and `abra.sh`.
  ///
  /// Throws `badData` naming the file.
  public static func checkTexts(_ checkout: String, of recipe: RecipeName) throws(Failure) {
    guard try Files.textIfPresent("\(checkout)/.env.sample", as: "\(recipe): .env.sample") != nil else {
      throw Failure(.badData, "\(recipe): .env.sample: does not exist", next: "add it: abra makes every app's .env from it")
    }
    _ = try Files.textIfPresent("\(checkout)/abra.sh", as: "\(recipe): abra.sh")
  }

  private static func leadsInside(_ link: String, _ root: String) throws(Failure) -> Bool {
    let target: String
    do throws(Failure) { target = try Files.resolve(link) } catch { return false }
    return target.hasPrefix("\(root)/") && target != "\(root)/.git" && !target.hasPrefix("\(root)/.git/")
  }
}
