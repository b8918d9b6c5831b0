import Foundation
import Synchronization
import Track

/// ``FakeTrack`` that also asks.
final class AskingTrack: Sendable {
    struct Asking {
        var open: [CommandRecord] = []
        var listens: [[String]] = []
        /// What was declared, each time that something was said of it.
        var declares: [[DeclaredValue]] = []
        var answers: [(command: Int64, body: CommandAnswer)] = []
        /// Statuses for the next answers instead of 200.
        var replies: [Int] = []
    }
    private let fake = FakeTrack()
    let state = Mutex(Asking())

    func run(_ id: String) -> FakeTrack.Run? { fake.run(id) }
    func asking(_ run: Run) -> Asking { state.withLock { $0 } }

    func ask(_ kind: String, of run: Run, by name: String? = nil) {
        state.withLock { $0.open.append(CommandRecord(id: Int64($0.open.count + 1), run: run.id, kind: CommandKind(rawValue: kind)!, askedAt: 0, by: name)) }
    }

    @discardableResult
    func ask(toSet name: String, to value: JSONValue, of run: Run) -> Int64 {
        state.withLock { state in
            let id = Int64(state.open.count + 1)
            state.open.append(CommandRecord(id: id, run: run.id, kind: .set, askedAt: 0, name: name, value: value))
            return id
        }
    }

    func handle(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
        if request.method == "PATCH" { return take(request) }
        if request.path.hasSuffix("/heartbeat") {
            struct Sign: Decodable { var listens: [String]?, declares: [DeclaredValue]? }
            let sign = try? JSONDecoder().decode(Sign.self, from: Data(request.body))
            state.withLock { state in
                if let listens = sign?.listens { state.listens.append(listens) }
                if let declares = sign?.declares { state.declares.append(declares) }
            }
            return asking(in: .answer(200, "{}"))
        }
        let reply = fake.handle(request)
        return request.path.hasSuffix("/batches") ? asking(in: reply) : reply
    }

    private func take(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
        guard let number = Int64(request.path.split(separator: "/").last ?? ""), let body = try? JSONDecoder().decode(CommandAnswer.self, from: Data(request.body)) else {
            return fake.error(400, "invalid_body", request.path)
        }
        return state.withLock { state in
            state.answers.append((number, body))
            let status = state.replies.isEmpty ? 200 : state.replies.removeFirst()
            return status == 200 ? .answer(200, "{}") : fake.error(status, status == 409 ? "command_ended" : "overloaded", "no")
        }
    }

    /// The answer with all that is asked: the client has to tell what it knows already.
    private func asking(in reply: ScriptedServer.Reply) -> ScriptedServer.Reply {
        let open = state.withLock { $0.open }
        guard case .answer(let status, var body, _) = reply else { return reply }
        for (key, part) in [("commands", open.orders), ("changes", open.changes)] {
            guard let part, let text = try? JSONEncoder().encode(part) else { continue }
            body = body.dropLast() + (body == "{}" ? "" : ",") + "\"\(key)\":\(String(decoding: text, as: UTF8.self))}"
        }
        return .answer(status, body)
    }
}
