// Fits a line through ten points by gradient descent, and logs every step.
import Track

try await track.start(project: "line", config: ["learningRate": 0.01, "steps": 200])

let points = (0..<10).map { (x: Double($0), y: 2 * Double($0) + 1) }
var (slope, offset) = (0.0, 0.0)
for step in 0..<200 {
    let errors = points.map { slope * $0.x + offset - $0.y }
    let gradient = zip(errors, points).reduce((0.0, 0.0)) { ($0.0 + 2 * $1.0 * $1.1.x / 10, $0.1 + 2 * $1.0 / 10) }
    slope -= 0.01 * gradient.0
    offset -= 0.01 * gradient.1
    track.log(["loss": errors.reduce(0) { $0 + $1 * $1 } / 10, "slope": slope, "offset": offset], step: step)
}

if let report = await track.finish() { print("\(report.loggedRows) rows logged, \(report.storedRows) stored") }
