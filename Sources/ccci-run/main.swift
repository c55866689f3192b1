import CCCICore

await Toolkit.main(RunCommand.self)
