// Measures training through the public API, one workload a process; measure.py starts these and the peer's processes in turn.
import Foundation
import Tensors

let usage = """
    usage: Ours WORKLOAD THREADS SECONDS           median milliseconds of a step, resident megabytes
                                                   cnn, mlp64, mlp1, block, linear
           Ours fit THREADS DATA SEED              milliseconds of fit(8), accuracy at its end
           Ours logging SECONDS                    milliseconds of a step without and with TrackCallback
           Ours callbacks SECONDS                  milliseconds of a step with one callback that does nothing, and with eleven
           Ours frozen THREADS SECONDS             milliseconds of a step of the picture network, whole and with all but its head frozen
           Ours objects WORKLOAD THREADS           objects of a step that come from the system's allocator, new buffers
           Ours histograms WORKLOAD THREADS SECONDS    milliseconds of 10 steps without and with histograms of all parameters
    """

func print(_ numbers: Double...) { Swift.print(numbers.map { "\($0)" }.joined(separator: " ")) }

func number(_ place: Int) -> Double {
    guard CommandLine.arguments.count > place, let number = Double(CommandLine.arguments[place]) else { fatalError(usage) }
    return number
}

setRandomSeed(1)
switch CommandLine.arguments.dropFirst().first {
case "fit":
    Compute.threads = Int(number(2))
    let (milliseconds, accuracy) = try await fitEightEpochs(data: CommandLine.arguments[3], seed: UInt64(number(4)))
    print(milliseconds, accuracy)
case "logging":
    let (without, with) = try await measureLogging(seconds: number(2))
    print(without, with)
case "callbacks":
    let (one, eleven) = measureEmptyCallbacks(seconds: number(2))
    print(one, eleven)
case "frozen":
    Compute.threads = Int(number(2))
    let (whole, frozen) = inTurn(makeStep("cnn")!, makeStep("frozen")!, seconds: number(3))
    print(whole, frozen)
case "objects":
    guard let step = makeStep(CommandLine.arguments[2]) else { fatalError(usage) }
    Compute.threads = Int(number(3))
    // A fit makes objects of its own; what its steps make is what a longer one makes more.
    let isFit = CommandLine.arguments[2] == "linear", longer = linearRegression(epochs: 300), shorter = linearRegression(epochs: 100)
    for _ in 0..<5 { step(); longer(); shorter() }
    let buffers = Compute.memory.buffersAllocated
    let asked = isFit ? (objects(longer) - objects(shorter)) / 200 : objects(step)
    print(asked, Double(Compute.memory.buffersAllocated - buffers))
case "histograms":
    Compute.threads = Int(number(3))
    let (without, with) = try await measureHistograms(CommandLine.arguments[2], seconds: number(4))
    print(without, with)
case let name?:
    guard let step = makeStep(name) else { fatalError(usage) }
    Compute.threads = Int(number(2))
    print(median(step, seconds: number(3)) / (name == "linear" ? 100 : 1), residentMegabytes())
default: Swift.print(usage)
}
