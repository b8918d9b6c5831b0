// swift-tools-version: 6.1
import PackageDescription

// A program outside of the project that logs, and needs nothing but the client: no database, no server, no trainer is compiled.
let package = Package(
    name: "ClientOnly",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Track", path: "../..")],
    targets: [
        .executableTarget(name: "ClientOnly", dependencies: [.product(name: "Track", package: "Track")]),
    ],
    swiftLanguageModes: [.v6]
)
