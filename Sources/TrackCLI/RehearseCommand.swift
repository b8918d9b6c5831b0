import ArgumentParser
import Foundation
import Track

/// `track rehearse`: a training program without training. Delivery is tested with it, by killing it.
struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Logs made-up rows, and notes in a file each step for which logging has returned.",
        discussion: "For tests of delivery: the file holds the number of such steps as 8 bytes in memory that outlives the program, so that whoever kills it "
            + "knows what must arrive. Row S has the values loss = S / 3 and copy = S.",
        shouldDisplay: false
    )

    @Option(help: "The project.") var project = "rehearsal"
    @Option(help: "The run's id.") var id: String?
    @Option(help: "The first step.") var from = 0
    @Option(help: "How many rows.") var rows = 1_000
    @Option(help: "Rows a second; 0 is as fast as it goes.") var rate = 0
    @Option(help: "Where to note what was logged.") var progress: String?
    @Option(help: "never, allow, must, or a step to take the run up from.") var resume = "allow"
    @Option(help: "Which of several processes this is.") var rank: Int?
    @Option(help: "Seconds that finishing may take.") var deadline = 30.0
    @Flag(help: "Half of the rows are logged by a child made with fork().") var fork = false
    @Flag(help: "Flushes after the last row, and waits to be killed.") var hold = false
    @Flag(help: "Ends without finishing the run.") var abandon = false

    func run() async throws {
        let run = try await Run.start(project: project, id: id, resume: try rule(), rank: rank)
        let ledger = try progress.map(Ledger.init)
        print("started \(run.id) \(run.writer)")
        fflush(nil)
        if fork {
            log(run, from..<from + rows / 2, ledger)
            try forkAndLog(run, ledger)
        } else {
            log(run, from..<from + rows, ledger)
        }
        if hold { await wait(run) }
        if abandon { return }
        let started = ContinuousClock.now
        let report = await run.finish(deadline: .milliseconds(Int(deadline * 1_000)))
        print("finished in \(ContinuousClock.now - started): \(report)")
        print(String(decoding: try JSONEncoder().encode(report.json), as: UTF8.self))
    }

    private func rule() throws -> Resume {
        switch resume {
        case "never": return .never
        case "allow": return .allow
        case "must": return .must
        default:
            guard let step = Int(resume) else { throw ValidationError("--resume is \"\(resume)\"; never, allow, must or a step is needed.") }
            return .from(step: step)
        }
    }

    private func log(_ run: Run, _ steps: Range<Int>, _ ledger: Ledger?) {
        let started = ContinuousClock.now
        for (count, step) in steps.enumerated() {
            run.log(["loss": Double(step) / 3, "copy": Double(step)], step: step)
            ledger?.note(count: step - from + 1)
            if rate > 0 {
                let due = started + .microseconds(1_000_000 * (count + 1) / rate)
                let ahead = due - ContinuousClock.now
                if ahead > .milliseconds(1) { usleep(UInt32(min(ahead / .microseconds(1), 100_000))) }
            }
        }
    }

    private func wait(_ run: Run) async {
        print("flushed \(await run.flush(deadline: .seconds(10)))")
        fflush(nil)
        while true { sleep(1) }
    }

    private func forkAndLog(_ run: Run, _ ledger: Ledger?) throws {
        let child = systemFork()
        if child == 0 {
            log(run, from + rows / 2..<from + rows, ledger)
            run.finishAndWait(deadline: .seconds(20))
            _exit(0)
        }
        guard child > 0 else { throw POSIXError(.EAGAIN) }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        print("child \(status)")
    }
}

/// Swift hides it because concurrency does not survive it; the client does.
@_silgen_name("fork") private func systemFork() -> pid_t

/// One number in a file that is mapped, so that it is there whenever the process is killed.
private struct Ledger {
    private let memory: UnsafeMutablePointer<Int64>

    init(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, 8) == 0,
              let base = mmap(nil, 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
        else { throw ValidationError("\(path) cannot be mapped.") }
        close(descriptor)
        memory = base.assumingMemoryBound(to: Int64.self)
    }

    func note(count: Int) { memory.pointee = Int64(count) }
}
