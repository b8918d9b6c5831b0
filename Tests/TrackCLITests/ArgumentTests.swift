import ArgumentParser
import Foundation
import Testing
@testable import TrackCLI

@Suite("Arguments of track") struct ArgumentTests {
    @Test("that cannot be are refused with the value and what is allowed", arguments: [
        (["serve", "--port", "70000"], "--port is 70000; 0 … 65535 is allowed."),
        (["serve", "--path-prefix", "track"], #"--path-prefix is "track"; it begins with a slash and ends without one: /track."#),
        (["serve", "--durability", "none"], "The value 'none' is invalid for '--durability <durability>'. Please provide one of 'full' and 'normal'."),
        (["key", "create", "--days", "0"], "--days is 0; 1 … 36500 is allowed."),
        (["key", "create", "--scope", "root"], "The value 'root' is invalid for '--scope <scope>'. Please provide one of 'read', 'write' or 'admin'."),
        (["key", "revoke"], "Missing expected argument '<id>'"),
    ]) func refused(arguments: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try TrackCommand.parseAsRoot(arguments) }

        #expect(error.map { TrackCommand.message(for: $0) } == message)
    }

    @Test("of serve have safe defaults") func defaults() throws {
        let command = try #require(try TrackCommand.parseAsRoot(["serve"]) as? ServeCommand)

        #expect(command.host == "127.0.0.1" && command.port == 8080 && command.durability == .full)
        #expect(command.data.absolute == NSHomeDirectory() + "/.track")
    }
}
