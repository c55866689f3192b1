import CCCICore

await Toolkit.main(AlertsCommand.self)
