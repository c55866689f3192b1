import CCCICore

await Toolkit.main(ReconcileCommand.self)
