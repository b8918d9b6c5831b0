// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "TrainerBenchmark",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Track", path: "../..")],
    targets: [
        .target(name: "StepMallocCount"),
        .executableTarget(name: "Ours", dependencies: [
            "StepMallocCount",
            .product(name: "Track", package: "Track"), .product(name: "Training", package: "Track"), .product(name: "TrackTraining", package: "Track"),
        ]),
        .executableTarget(name: "Start", dependencies: [.product(name: "Training", package: "Track")]),
    ],
    swiftLanguageModes: [.v6]
)
