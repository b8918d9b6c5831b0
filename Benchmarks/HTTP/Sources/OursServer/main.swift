#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import HTTPSockets

// The same two routes as HummingbirdServer, and a file of any size; prints its port, serves until it is killed.
// Arguments: the port, and where the file is kept.
let arguments = CommandLine.arguments.dropFirst()
let port = arguments.first.flatMap { Int($0) } ?? 0
let file = arguments.dropFirst().first ?? "/dev/null"

var routes = Routes()
routes.get("/small") { _ in await small() }
routes.post("/body", bodyLimit: 8 << 20) { request in
    let body = try await request.body.collect()
    return .text("\(body.count)")
}
routes.get("/file") { _ in .file(file, contentType: "application/octet-stream") }
routes.put("/file", bodyLimit: .max, execution: .threadPool) { request in
    .text("\(try await store(request.body, in: file))\n")
}

@Sendable func small() async -> Response { .text("Hello, world!") }

/// Writes a body to disk as it comes; the client is as slow as the disk.
@Sendable func store(_ body: RequestBody, in path: String) async throws -> Int {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0, "\(path): \(String(cString: strerror(errno)))")
    defer { close(descriptor) }
    var size = 0
    for try await chunk in body {
        var written = 0
        while written < chunk.count {
            let count = chunk.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, chunk.count - written) }
            precondition(count > 0, "\(path): \(String(cString: strerror(errno)))")
            written += count
        }
        size += chunk.count
    }
    return size
}

let server = HTTPServer(configuration: ServerConfiguration(port: port), routes: routes)
let address = try await server.start()
print(address.port)
while true { try await Task.sleep(for: .seconds(3600)) }
