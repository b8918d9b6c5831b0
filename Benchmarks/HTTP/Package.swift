// swift-tools-version: 6.1
import PackageDescription

// A package of its own: the peer must not become a dependency of Track.
let package = Package(
    name: "HTTPBenchmark",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "Track", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    ],
    targets: [
        .executableTarget(name: "OursServer", dependencies: [.product(name: "HTTPSockets", package: "Track")]),
        .executableTarget(name: "HummingbirdServer", dependencies: [.product(name: "Hummingbird", package: "hummingbird")]),
        .executableTarget(name: "LoadGenerator"),
    ],
    swiftLanguageModes: [.v6]
)
