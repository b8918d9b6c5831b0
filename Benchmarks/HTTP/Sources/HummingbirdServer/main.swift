import Hummingbird
import Logging

// The same two routes as OursServer, written as Hummingbird's guide does.
let router = Router()
router.get("/small") { _, _ in "Hello, world!" }
router.post("/body") { request, _ in
    let body = try await request.body.collect(upTo: 8 << 20)
    return "\(body.readableBytes)"
}

var logger = Logger(label: "bench")
logger.logLevel = .error
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
let app = Application(
    router: router,
    configuration: .init(address: .hostname("127.0.0.1", port: port)),
    onServerRunning: { print($0.localAddress!.port!) },
    logger: logger
)
try await app.runService()
