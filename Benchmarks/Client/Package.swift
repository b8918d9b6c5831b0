// swift-tools-version: 6.1
import PackageDescription

// Measures the client: Benchmarks/Client/run --help
let package = Package(
    name: "ClientBenchmark",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Track", path: "../..")],
    targets: [
        .target(name: "CallMallocCount"),
        .target(name: "ProcessMemory"),
        .executableTarget(name: "ClientBenchmark", dependencies: ["CallMallocCount", "ProcessMemory", .product(name: "Track", package: "Track")]),
    ],
    swiftLanguageModes: [.v6]
)
