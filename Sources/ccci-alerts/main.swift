import CCCICore

await Toolkit.main(UnbuiltCommand.self)
