import Testing

@testable import CCCICore

@Suite struct NoteMarkersTests {
  /// Notes as maintainers write them, and what in them asks for a person.
  static let asking: [(String, String)] = [
    ("Manual migration required: see https://docs.example.org/upgrade/27.", "manual migration"),
    ("This release needs manual intervention, see the README.", "manual intervention"),
    ("## Upgrading\n\nThere is one manual step: rename `DB_HOST` to `POSTGRES_HOST` in your .env.", "manual step"),
    ("A few manual steps are needed for LDAP users.", "manual steps"),
    ("After the deploy, manually run `abra app run <domain> app occ upgrade`.", "manually run"),
    ("You have to manually migrate your uploads to the new volume.", "manually migrate"),
    ("Admins should manually upgrade the extensions of their database.", "manually upgrade"),
    ("Before upgrading, make a backup of the database.", "before upgrading"),
    ("BEFORE YOU UPGRADE: dump your database with pg_dumpall!", "before you upgrade"),
    ("Please read https://example.org before you\nupgrade to this version.", "before you upgrade"),
    ("The migration must be run by hand: `rake db:migrate`.", "must be run"),
    ("Users of sqlite must migrate to postgres first.", "must migrate"),
    ("You must dump the old database, PostgreSQL 13 data is not read by 15.", "must dump"),
    ("You must export your realms and import them again.", "must export"),
    ("BREAKING CHANGE: the variable SMTP_AUTH is gone.", "breaking change"),
    ("Contains breaking changes in the theme API.", "breaking changes"),
    ("**Breaking change**: volumes were renamed.", "breaking change"),
    ("This version is not backwards compatible with the 1.x data.", "not backwards compatible"),
    ("The new schema is not backward-compatible.", "not backward compatible"),
    ("Postgres goes from 12 to 16: dump and restore as described in the README.", "dump and restore"),
    ("After the upgrade run the following:\n\n    abra app cmd <domain> app fix_permissions", "run the following"),
    ("Security release.\n\n- fixes CVE-2024-1234\n- manual intervention: rotate the JWT secret", "manual intervention"),
    ("No new features. Manual migration of the media folder is needed.", "manual migration"),
    ("There is no way around it. Breaking change in the configuration file.", "breaking change"),
    ("Not much to see in this release; however a manual step for S3 users.", "manual step"),
    ("Nothing changes for new installations\n\nExisting ones: run the following commands before Monday", "run the following"),
    ("A manual-migration is needed for apps that used the old plugin.", "manual migration"),
    ("No breaking changes in the API. Before upgrading the database, stop the workers.", "before upgrading"),
    ("This version cannot be reached without manual intervention.", "manual intervention"),
    ("Never start it without manual steps 1 to 3.", "manual steps"), ("No, a manual migration is required.", "manual migration"),
    ("Do not skip the manual steps of the README.", "manual steps"), ("Don't forget to manually run the importer.", "manually run"),
    ("Without further notice we drop MySQL 5: you must migrate.", "must migrate"),
  ]

  static let silent: [String] = [
    "No manual migration needed.", "No manual migration is needed, data is moved at the first start.", "no manual intervention required",
    "There are no breaking changes in this release.", "This release has no known breaking changes.",
    "Upgrades without manual steps.", "Requires no manual steps or migrations.", "Manual migration is not needed.",
    "Manual intervention not required: everything is automatic.", "A manual migration is no longer necessary since 2.3.",
    "Breaking changes: none.", "Breaking changes: None", "Breaking changes:\n\nnone", "No breaking changes, no manual intervention.",
    "There isn't any manual step.", "You don't need to manually migrate anything.", "You do not need to manually run anything.",
    "Does not contain any breaking changes.", "Never requires manual intervention.",
    "No breaking changes or manual steps.", "A second service, `stats`, counts the files of the site. Nothing to do.",
    "Bump nginx to 1.27.2", "Security release, upgrade as soon as you can.", "The manual was rewritten; migration from 1.x is automatic.",
    "chore: publish 1.2.0+26.1.0 release", "Fixes a bug by which backups broke changes of the theme.",
    "You can now run migrations from the admin page.", "Backwards compatible with 1.x.", "The dump is smaller, and restore is faster.", "",
    "This is a minor release; the upgrade needs nothing from you.",
  ]

  @Test(arguments: asking)
  func `notes that ask for a person are seen, by the phrase that asks`(notes: String, phrase: String) {
    #expect(NoteMarkers.first(in: notes) == phrase)
  }

  @Test(arguments: silent)
  func `notes that ask for nobody are not`(notes: String) {
    #expect(NoteMarkers.first(in: notes) == nil)
  }

  @Test func `the corpus is large enough, and every phrase of the list is in it`() {
    let asking = Self.asking
    #expect(asking.count >= 25 && Self.silent.count >= 25)
    for phrase in NoteMarkers.phrases {
      let isThere = asking.contains { NoteMarkers.Phrase(phrase).length(in: NoteMarkers.sentences(of: $0.1)[0][...]) != nil }
      #expect(isThere, "\(phrase)")
    }
  }

  @Test func `long notes are read in no time`() {
    let notes = String(repeating: "a manual, breaking must before run not dump and ", count: 2_000)
    let start = ContinuousClock.now
    #expect(NoteMarkers.first(in: notes) == nil)
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}
