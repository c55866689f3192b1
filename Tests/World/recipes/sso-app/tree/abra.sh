# nothing to remember
