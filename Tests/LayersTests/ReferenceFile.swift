import CKernels
import Foundation
import Tensors

/// What PyTorch computed, as `Tests/Reference/make_reference.py` wrote it.
struct ReferenceFile {
    struct Array: Decodable { let shape: [Int], start: Int }
    struct Named: Decodable { let name: String, shape: [Int], start: Int, integer: Bool? }
    struct Case: Decodable {
        let name: String, kind: String
        let inputs: [Array], output: Array, gradient: Array, grads: [Array?], state: [Named]
        let train: Bool?, steps: Int?, after: [Named]?
        let parameter_grads: [Named]?
        /// Mean and deviation of each ConvLayer's output, as forward hooks saw them.
        let activations: [[Float]]?
    }
    private struct Contents: Decodable { let torch: String, cases: [Case] }

    let cases: [Case]
    private let numbers: Data

    /// The folder of the reference, from the environment; `nil` where there is none.
    static let folder = ProcessInfo.processInfo.environment["TRACK_REFERENCE_DIR"].flatMap { $0.isEmpty ? nil : $0 }

    /// Says loudly that comparisons are left out, once.
    static let isPresent: Bool = {
        if folder != nil { return true }
        FileHandle.standardError.write(Data("""

            *** NOT COMPARED WITH PYTORCH: TRACK_REFERENCE_DIR is not set. ***
            *** Run Tests/Reference/make_reference.py FOLDER with PyTorch installed, then set it to that folder. ***


            """.utf8))
        return false
    }()

    init() throws {
        let folder = URL(fileURLWithPath: Self.folder ?? "")
        cases = try JSONDecoder().decode(Contents.self, from: Data(contentsOf: folder.appending(path: "tensors.json"))).cases
        numbers = try Data(contentsOf: folder.appending(path: "tensors.bin"))
    }

    func floats(_ shape: [Int], _ start: Int) -> [Float] {
        let count = shape.reduce(1, *)
        return numbers.withUnsafeBytes { bytes in
            (start..<start + count).map { Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))) }
        }
    }

    func tensor(_ array: Array) -> Tensor { Tensor(floats(array.shape, array.start), shape: Shape(array.shape)) }
    func tensor(_ array: Named) -> Tensor { Tensor(floats(array.shape, array.start), shape: Shape(array.shape)) }
}

/// Calls `body` with each instruction set that this processor has, for this thread and its loops only.
func onEachPath(_ body: (Compute.Path) throws -> Void) rethrows {
    defer { ck_override_table(nil) }
    for path in Compute.Path.allCases where path.isAvailable {
        ck_override_table(ck_table_for(path.rawValue))
        try body(path)
    }
}
