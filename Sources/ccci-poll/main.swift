import CCCICore

await Toolkit.main(PollCommand.self)
