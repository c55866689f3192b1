import CCCICore

await Toolkit.main(JanitorCommand.self)
