import Foundation

let arguments = CommandLine.arguments
func value(after name: String) -> String? { arguments.firstIndex(of: name).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil } }

let folder = value(after: "--folder") ?? FileManager.default.temporaryDirectory.appending(path: "track-series-\(getpid())").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: folder) }
let migrations = value(after: "--migrations") ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../migrations/sqlite").standardized.path
let points = value(after: "--points").flatMap { Int($0) } ?? 10_000_000
let only = value(after: "--only")

if only == nil || only == "ingest" { try await Ingest(folder: folder, migrations: migrations).run() }
if only == nil || only == "read" { try await Reading(folder: folder, migrations: migrations, points: points).run() }
if only == nil || only == "disk" { try await Reading(folder: folder, migrations: migrations, points: points).disk() }
if only == nil || only == "runs" { try await Runs(folder: folder, migrations: migrations).run() }
