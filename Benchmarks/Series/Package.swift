// swift-tools-version: 6.1
import PackageDescription

// Measures the series store against raw SQLite: Benchmarks/Series/run --help
let package = Package(
    name: "SeriesBenchmark",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "Track", path: "../.."),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [.executableTarget(name: "SeriesBenchmark", dependencies: [
        .product(name: "TrackServer", package: "Track"),
        .product(name: "GRDB", package: "GRDB.swift"),
    ])],
    swiftLanguageModes: [.v6]
)
