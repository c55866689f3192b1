import CCCICore

await Program.main(RunCommand.self)
