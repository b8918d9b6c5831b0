// swift-tools-version: 6.1
import PackageDescription

// Load for the series benchmark, made by C so that it takes little of the cores that the server needs: Benchmarks/Series/run --help
let package = Package(
    name: "SeriesBenchmark",
    products: [.library(name: "SyncDelay", type: .dynamic, targets: ["SyncDelay"])],
    targets: [
        .executableTarget(name: "SeriesLoad", linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("m")]),
        .target(name: "SyncDelay", linkerSettings: [.linkedLibrary("dl")]),
    ]
)
