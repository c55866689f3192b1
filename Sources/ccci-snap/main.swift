import CCCICore

await Toolkit.main(SnapCommand.self)
