import Foundation
import Testing
@testable import Track

@Suite("Console capture", .serialized) struct ConsoleTests {
    @Test("lines are made of pieces; a return goes back to the line's beginning", arguments: [
        (["a\nb", "c\n"], ["a", "bc"], nil), (["10%\r20", "%\r30%\ndone\n"], ["30%", "done"], nil), (["windows\r\nends\r\n"], ["windows", "ends"], nil),
        (["no end"], [], "no end"), (["\n\n"], ["", ""], nil), (["\u{1B}[31mred\u{1B}[0m\n"], ["\u{1B}[31mred\u{1B}[0m"], nil), (["5%\r", "\n"], ["5%"], nil),
    ] as [([String], [String], String?)]) func lines(pieces: [String], expected: [String], rest: String?) {
        var assembler = LineAssembler(), lines: [String] = []
        for piece in pieces { lines += Array(piece.utf8).withUnsafeBytes { assembler.add($0) } }

        #expect(lines == expected && assembler.flush() == rest)
    }

    @Test("a line without end is cut between characters, and takes no more memory") func longLines() {
        var assembler = LineAssembler()
        let text = String(repeating: "ä", count: 20_000)

        var lines = Array(("x" + text).utf8).withUnsafeBytes { assembler.add($0) }
        lines += [assembler.flush() ?? ""]

        #expect(lines.joined() == "x" + text && lines.count == 3 && lines.allSatisfy { $0.utf8.count <= LineAssembler.longestLine })
    }

    @Test("what is printed reaches the run's log in lines and its reader unchanged, the last line without end too") func pipe() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        let reader = try Redirected(1)

        #expect(run.captureConsole() && isatty(1) == 0)
        print("hello")
        print("10%\r", terminator: "")
        print("100%\r\nno end", terminator: "")
        await run.finish()
        print("after")
        let seen = reader.finish()

        #expect(seen == "hello\n10%\r100%\r\nno endafter\n")
        let lines = try #require(fake.run(run.id.text)?.extras.logs)
        #expect(lines.filter { $0.stream == "stdout" }.map(\.text) == ["hello", "100%", "no end"])
        #expect(lines.allSatisfy { $0.time > 1_600_000_000_000_000 })
    }

    @Test("a terminal stays a terminal, with its width") func terminal() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let run = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        let reader = try Redirected(1, isTerminal: true)

        run.captureConsole()
        var window = winsize()
        #expect(isatty(1) == 1 && ioctl(1, UInt(TIOCGWINSZ), &window) == 0 && window.ws_col == 77)
        print("\u{1B}[32mgreen\u{1B}[0m")
        run.releaseConsole()
        let seen = reader.finish()
        await run.finish()

        #expect(seen == "\u{1B}[32mgreen\u{1B}[0m\r\n")         // the terminal's own doing, once
        #expect(fake.run(run.id.text)?.extras.logs?.map(\.text) == ["\u{1B}[32mgreen\u{1B}[0m"])
    }

    @Test("of several runs each has the lines of its time") func severalRuns() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        let one = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        let two = try await Run.start(project: "p", settings: folder.settings(url: server.url))
        let reader = try Redirected(1)

        one.captureConsole()
        print("first")
        two.captureConsole()
        await one.finish()
        print("second")
        await two.finish()
        #expect(reader.finish() == "first\nsecond\n")

        #expect(fake.run(one.id.text)?.extras.logs?.map(\.text) == ["first"])
        #expect(fake.run(two.id.text)?.extras.logs?.map(\.text).last == "second")
    }

    @Test("a crash's last words reach terminal and spool") func crash() async throws {
        let folder = TemporaryFolder(), fake = FakeTrack()
        let server = try ScriptedServer { fake.handle($0) }
        setenv("TRACK_TEST_FOLDER", folder.path, 1)
        setenv("TRACK_TEST_URL", server.url, 1)
        let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]) {
            var settings = Settings()
            settings.folder = ProcessInfo.processInfo.environment["TRACK_TEST_FOLDER"]!
            settings.url = ProcessInfo.processInfo.environment["TRACK_TEST_URL"]!
            (settings.mode, settings.recordsSystem, settings.recordsEnvironment) = (.offline, false, false)
            let run = try await Run.start(project: "p", settings: settings)
            run.captureConsole()
            FileHandle.standardError.write(Data("the last words\n".utf8))
            abort()
        }

        _ = try await Spool.sync(settings: folder.settings(url: server.url))
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("the last words"))
        #expect(fake.runs.first?.extras.logs?.map(\.text).contains("the last words") == true)
    }

    @Test("goes with the run from its start where the settings say so") func setting() async throws {
        let fake = FakeTrack(), folder = TemporaryFolder()
        let server = try ScriptedServer { fake.handle($0) }
        var settings = folder.settings(url: server.url)
        settings.capturesConsole = true
        let reader = try Redirected(1)
        let run = try await Run.start(project: "p", settings: settings)
        print("at once")
        await run.finish()
        _ = reader.finish()

        #expect(fake.run(run.id.text)?.extras.logs?.map(\.text) == ["at once"])
    }
}

/// Leads one of the process's streams somewhere that the test can read.
private final class Redirected {
    private let descriptor: Int32, saved: Int32, source: Int32

    init(_ descriptor: Int32, isTerminal: Bool = false) throws {
        fflush(nil)
        self.descriptor = descriptor
        saved = dup(descriptor)
        if isTerminal {
            guard let (master, slave) = PseudoTerminal.open() else { throw POSIXError(.ENOTTY) }
            source = master
            var window = winsize(ws_row: 25, ws_col: 77, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(slave, UInt(TIOCSWINSZ), &window)
            dup2(slave, descriptor)
            close(slave)
        } else {
            var ends: [Int32] = [-1, -1]
            guard Foundation.pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            source = ends[0]
            dup2(ends[1], descriptor)
            close(ends[1])
        }
    }

    /// Leads it back.
    /// - Returns: What was written; 64 kB at most.
    func finish() -> String {
        fflush(nil)
        var bytes = [UInt8](repeating: 0, count: 64 << 10), all: [UInt8] = []
        _ = fcntl(source, F_SETFL, O_NONBLOCK)
        var ready = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
        while poll(&ready, 1, 300) > 0 {        // a terminal passes things on when it likes
            let count = read(source, &bytes, bytes.count)
            if count <= 0 { break }
            all += bytes[..<count]
        }
        dup2(saved, descriptor)
        close(saved)
        close(source)
        return String(decoding: all, as: UTF8.self)
    }
}
