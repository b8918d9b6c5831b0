// swift-tools-version: 6.1
import PackageDescription

// Who may import whom is drawn in docs/architecture.md; Tests/ProjectTests proves it.
let package = Package(
    name: "Track",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Track", targets: ["Track"]),
        .library(name: "Training", targets: ["Tensors", "Layers", "Training"]),
        .library(name: "TrackTraining", targets: ["TrackTraining"]),
        .library(name: "HTTPSockets", targets: ["HTTPSockets"]),
        .library(name: "TrackServer", targets: ["TrackServer"]),
        .library(name: "TrackTesting", targets: ["TrackTesting"]),
        .executable(name: "track", targets: ["TrackCLI"]),
        .executable(name: "digits", targets: ["Digits"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // A target names every module below it, not only the nearest: what it does not name may change without its being built again.

        // Tracking: the vocabulary, the numbers, the client
        .target(name: "TrackModel"),
        .target(name: "TrackSeries", dependencies: ["TrackModel", "CZlib"]),
        .target(name: "TrackHealth", dependencies: ["TrackModel", "TrackSeries"]),
        .target(name: "Track", dependencies: ["TrackModel", "CCurl", "CZlib"]),

        // Tracking: the server
        .target(name: "HTTPSockets", dependencies: ["CEpoll", "CZlib"]),
        .target(name: "TrackStore", dependencies: [
            "TrackModel", "TrackSeries",
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "GRDBSQLite", package: "GRDB.swift"),
            .product(name: "Crypto", package: "swift-crypto"),
        ]),
        .target(name: "TrackServer", dependencies: [
            "HTTPSockets", "TrackModel", "TrackSeries", "TrackStore", "TrackHealth",
            .product(name: "Crypto", package: "swift-crypto"),
        ]),

        // Training
        .target(name: "CKernels"),
        .target(name: "Tensors", dependencies: ["CKernels"]),
        .target(name: "Layers", dependencies: ["CKernels", "Tensors"]),
        .target(name: "Training", dependencies: ["CKernels", "Tensors", "Layers"]),
        .target(name: "TrackTraining", dependencies: ["TrackModel", "Track", "CKernels", "Tensors", "Layers", "Training"]),

        // The command, the example, help for tests
        .executableTarget(name: "TrackCLI", dependencies: [
            "TrackModel", "Track", "TrackSeries", "HTTPSockets", "TrackStore", "TrackHealth", "TrackServer",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
        .executableTarget(name: "Digits", dependencies: ["TrackModel", "Track", "CKernels", "Tensors", "Layers", "Training", "TrackTraining"], path: "Examples/Digits", resources: [.copy("Data")]),
        .executableTarget(name: "TrainingExamples", dependencies: ["CKernels", "Tensors", "Layers", "Training"], path: "Examples/Training"),
        .target(name: "TrackTesting", dependencies: ["TrackModel", "TrackSeries", "HTTPSockets", "TrackStore", "TrackHealth", "TrackServer"]),

        // System libraries; libcurl is loaded when it is needed
        .target(name: "CCurl"),
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Tests
        .target(name: "SeededRandom", path: "Tests/SeededRandom"),
        .target(name: "MallocCount", path: "Tests/MallocCount"),
        .executableTarget(name: "SteadySteps", dependencies: ["CKernels", "Tensors", "Layers", "Training", "MallocCount"], path: "Tests/SteadySteps"),
        .testTarget(name: "TrackModelTests", dependencies: ["TrackModel", "SeededRandom"]),
        .testTarget(name: "TrackSeriesTests", dependencies: ["TrackModel", "TrackSeries", "SeededRandom", "CZlib"]),
        .testTarget(name: "TrackHealthTests", dependencies: ["TrackModel", "TrackSeries", "TrackHealth", "SeededRandom"]),
        .testTarget(name: "TrackStoreTests", dependencies: [
            "TrackModel", "TrackSeries", "TrackStore", "SeededRandom",
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "GRDBSQLite", package: "GRDB.swift"),
        ]),
        .testTarget(name: "HTTPSocketsTests", dependencies: ["HTTPSockets"]),
        .testTarget(name: "TrackServerTests", dependencies: [
            "HTTPSockets", "TrackModel", "TrackSeries", "TrackStore", "TrackHealth", "TrackServer", "TrackTesting",
        ]),
        .testTarget(name: "TrackTests", dependencies: ["TrackModel", "Track", "CZlib"], exclude: ["Fixtures"]),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels"]),
        .testTarget(name: "TensorsTests", dependencies: ["CKernels", "Tensors"]),
        .testTarget(name: "LayersTests", dependencies: ["CKernels", "Tensors", "Layers"]),
        .testTarget(name: "TrainingTests", dependencies: ["CKernels", "Tensors", "Layers", "Training", "TrainingExamples", "SteadySteps", "MallocCount"]),
        .testTarget(name: "TrackTrainingTests", dependencies: [
            "TrackModel", "Track", "CKernels", "Tensors", "Layers", "Training", "TrackTraining",
            "TrackSeries", "HTTPSockets", "TrackStore", "TrackHealth", "TrackServer", "TrackTesting",
        ]),
        .testTarget(name: "TrackCLITests", dependencies: [
            "TrackModel", "Track", "TrackSeries", "HTTPSockets", "TrackStore", "TrackHealth", "TrackServer", "TrackCLI",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], exclude: ["Help"]),
        .testTarget(name: "ProjectTests"),
    ],
    swiftLanguageModes: [.v6]
)
