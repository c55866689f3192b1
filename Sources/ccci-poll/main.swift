import CCCICore

await Program.main(UnbuiltCommand.self)
