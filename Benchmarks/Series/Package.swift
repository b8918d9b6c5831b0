// swift-tools-version: 6.1
import PackageDescription

// Measures the series store against raw SQLite: Benchmarks/Series/run --help
let package = Package(
    name: "SeriesBenchmark",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Track", path: "../..")],
    targets: [.executableTarget(name: "SeriesBenchmark", dependencies: [.product(name: "TrackServer", package: "Track")])],
    swiftLanguageModes: [.v6]
)
