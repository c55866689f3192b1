import ArgumentParser

/// `ccci-run propose <recipe>`.
struct ProposeCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Print a recipe.toml to begin with, from the recipe's own files; deploy nothing.")

  @Argument(help: "The recipe.")
  var recipe: String

  @Option(help: ArgumentHelp("Repository to take it from, https. Default: [forge] upstream.", valueName: "url"))
  var src: String?

  @Option(help: ArgumentHelp("Full commit id. Default: the newest published version.", valueName: "sha"))
  var ref: String?

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    var arguments = RunRequest.Arguments()
    (arguments.recipe, arguments.src, arguments.ref) = (recipe, src, ref)
    let request = try RunRequest.make(arguments, environment: [:])
    let settings = try Settings.read(tool.environment)
    let plan = try RunPlan.make(
      RunPlan.Question(
        request: request, settings: settings, recipe: RecipeSettings(), overlays: OverlayPlan(), environment: tool.environment))
    let folder = "\(tool.environment["TMPDIR"] ?? "/tmp")/ccci-propose-\(RandomID.hex(8))"
    try Files.createDirectory(folder, mode: 0o700)
    defer { do throws(Failure) { try Files.removeTree(folder) } catch { tool.console.progress(error.sentence) } }
    tool.console.fact(String(try await proposal(plan, settings, tool, in: folder).text.dropLast()))
    return .ok
  }

  private func proposal(_ plan: RunPlan, _ settings: Settings, _ tool: Tool, in folder: String) async throws(Failure) -> RecipeProposal {
    let environment = ["PATH": tool.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8"]
    let git = Git(
      programs: Programs(host: tool.host, environment: environment), authorities: settings.host.authorities,
      credential: try settings.forge.credential(mask: tool.console.mask))
    let home = AbraHome(path: folder)
    try Files.createDirectory("\(folder)/recipes", mode: 0o700)
    let checkout = try await Checkout.make(of: plan.recipe, from: plan.source, at: plan.target, in: home, git: git)
    let app = AppEnvironment(path: "", recipe: plan.recipe, domain: plan.domain)
    let values = try AppEnvironment.preview(
      sample: "\(checkout.directory)/.env.sample", over: app.always(owner: "", deployTimeout: .seconds(600)), checkout: checkout.directory,
      domain: plan.domain)
    let context = PolicyContext(domain: plan.domain, proxy: settings.host.proxy)
    let checks = PolicyChecks(recipe: plan.recipe, policy: ComposePolicy(context))
    let findings = try checks.findings(in: checkout.directory, environment: values)
    // What is published already does what it does, and needs no entry.
    let published = checkout.published.filter { $0.commit == checkout.head }.map {
      PolicyAnswer.Published(version: $0.version, findings: findings)
    }
    let answer = PolicyAnswer.of(findings, published: published, allowances: [], in: context)
    return RecipeProposal(
      recipe: plan.recipe, from: checkout.release?.version.text ?? checkout.head.short,
      sample: String(decoding: try Files.readIfPresent("\(checkout.directory)/.env.sample") ?? [], as: UTF8.self),
      facts: try ComposeFiles.facts(in: checkout.directory, environment: values, of: plan.recipe),
      documents: try ComposeFiles.documents(in: checkout.directory, environment: values, of: plan.recipe).map(\.filled),
      refusals: answer.refusals)
  }
}
