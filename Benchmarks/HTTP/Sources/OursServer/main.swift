import HTTPSockets

// The same two routes as HummingbirdServer; prints its port, serves until it is killed.
var routes = Routes()
routes.get("/small") { _ in await small() }
routes.post("/body", bodyLimit: 8 << 20) { request in
    let body = try await request.body.collect()
    return .text("\(body.count)")
}

@Sendable func small() async -> Response { .text("Hello, world!") }

let server = HTTPServer(configuration: ServerConfiguration(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0), routes: routes)
let address = try await server.start()
print(address.port)
while true { try await Task.sleep(for: .seconds(3600)) }
