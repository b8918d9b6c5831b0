import Tensors
import Testing
@testable import Training

@Suite("Data sets and loaders") struct DataTests {
    struct Refusal: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let expected: DataError
        let items: [Sample]
    }

    static let refusals = [
        Refusal(testDescription: "nothing", expected: .emptyDataset(name: "loader's"), items: []),
        Refusal(
            testDescription: "shapes that differ", expected: .shapesDiffer(index: 1, shape: [3], firstIndex: 0, firstShape: [2]),
            items: [Sample([1, 2], label: 0), Sample([1, 2, 3], label: 0)]),
        Refusal(
            testDescription: "a label beside values", expected: .targetsDiffer(index: 1, firstIndex: 0),
            items: [Sample([1], label: 0), Sample([1], values: [0])]),
        Refusal(
            testDescription: "values of two shapes", expected: .targetsDiffer(index: 1, firstIndex: 0),
            items: [Sample([1], values: [0]), Sample([1], values: [0, 1])]),
    ]

    @Test("refuse what cannot be stacked", arguments: refusals) func refused(_ refusal: Refusal) {
        #expect(throws: refusal.expected) { try DataLoader(ArrayDataset(refusal.items), batchSize: 2).batches().next() }
    }

    @Test("errors show both sides and the way out") func messages() {
        #expect("\(Self.refusals[1].expected)" == "Item 1 has shape [3], but item 0 of the same batch has [2]. Resize or crop every item to one shape with `map` before loading.")
        #expect("\(DataError.emptyDataset(name: "loader's"))" == "The loader's data set has no items. Check the folder or the filter it was made with.")
    }

    @Test("values are numbered in the order they first appear, and back") func vocabulary() throws {
        let words = Vocabulary(["tench", "church", "tench", "golf", "church"])

        #expect(words.values == ["tench", "church", "golf"])
        #expect(try words.values.map(words.number(of:)) == [0, 1, 2] && words[1] == "church")
        #expect(throws: DataError.unknownValue("fox", known: ["tench", "church", "golf"])) { try words.number(of: "fox") }
    }

    @Test("a custom data set is a count and a subscript") func custom() {
        #expect(Counting()[3] == Sample([3, 1], label: 1))
    }

    @Test("collating [1, 2] gives inputs [2, …] and two labels") func collated() throws {
        let batch = try collate([1, 2], Counting())

        #expect(batch == RawBatch(inputs: RawArray([1, 1, 2, 1], shape: [2, 2]), targets: .labels([1, 0])))
        #expect(Batch(batch).x.shape == [2, 2] && Batch(batch).y.labels == [1, 0])
    }

    @Test("the first batch of 128 pictures is [128, 64, 64, 3] with 128 labels; its statistics, 3 each, make it mean 0 and deviation 1")
    func firstBatch() throws {
        let size = 64 * 64 * 3
        let noise = (0..<size + 130).map { (place: Int) -> Float in
            let byte = place * 31 + place / 64 * 7
            return Float(byte & 255) / 255
        }
        let pictures = ArrayDataset((0..<130).map { Sample(RawArray(Array(noise[$0..<$0 + size]), shape: [64, 64, 3]), label: $0 % 10) })
        let batch = try DataLoader(pictures, batchSize: 128).firstBatch()
        let statistics = try ChannelStatistics(of: batch.inputs, channelAxis: 3)
        let normal = Batch(try statistics.normalize(batch)).x

        #expect(batch.inputs.shape == [128, 64, 64, 3] && batch.targets == .labels((0..<128).map { $0 % 10 }))
        #expect(statistics.mean.count == 3 && statistics.deviation.count == 3)
        #expect(normal.mean([0, 1, 2]).scalars.allSatisfy { abs($0) < 1e-4 } && normal.std([0, 1, 2]).scalars.allSatisfy { abs($0 - 1) < 1e-4 })
        #expect(normal.permute(0, 3, 1, 2).shape == [128, 3, 64, 64])
    }

    @Test("the pair of loaders: training shuffled, validation in larger batches and in order") func pair() {
        let loaders = DataLoaders(
            train: DataLoader(Counting(count: 600), batchSize: 128, shuffled: true), valid: DataLoader(Counting(count: 600), batchSize: 256))

        #expect(loaders.train.count == 5 && loaders.train.isShuffled)
        #expect(loaders.valid?.indexes(epoch: 3).map { Array($0) } == [Array(0..<256), Array(256..<512), Array(512..<600)])
    }

    @Test("values are stacked under a first axis") func values() throws {
        let set = ArrayDataset([Sample([1], values: RawArray([1, 2], shape: [1, 2])), Sample([2], values: RawArray([3, 4], shape: [1, 2]))])

        #expect(try collate([0, 1], set).targets == .values(RawArray([1, 2, 3, 4], shape: [2, 1, 2])))
    }

    @Test("1,000 samples in batches of 128 are 8, the last of 104; or 7 without it") func sizes() throws {
        let all = DataLoader(Counting(count: 1000), batchSize: 128), whole = DataLoader(Counting(count: 1000), batchSize: 128, dropsLast: true)

        #expect(all.count == 8 && whole.count == 7)
        #expect(try counts(all) == [128, 128, 128, 128, 128, 128, 128, 104] && counts(whole) == Array(repeating: 128, count: 7))
    }

    @Test("shuffling gives each index once, another order each epoch, the same again for a seed") func shuffled() throws {
        let first = DataLoader(Counting(count: 1000), batchSize: 128, shuffled: true, seed: 3)
        let again = DataLoader(Counting(count: 1000), batchSize: 128, shuffled: true, seed: 3)
        let other = DataLoader(Counting(count: 1000), batchSize: 128, shuffled: true, seed: 4)
        func order(_ loader: DataLoader, _ epoch: Int) -> [Int] { loader.indexes(epoch: epoch).flatMap { $0 } }

        #expect(order(first, 0).sorted() == Array(0..<1000) && order(first, 0) != Array(0..<1000))
        #expect(first.indexes(epoch: 1).map(\.count) == [128, 128, 128, 128, 128, 128, 128, 104])
        #expect(order(first, 0) != order(first, 1) && order(first, 0) == order(again, 0) && order(first, 0) != order(other, 0))
    }

    @Test("every order of four is drawn about as often") func uniform() {
        var seen: [[Int]: Int] = [:]
        for epoch in 0..<4800 { seen[shuffledIndexes(4, seed: 1, epoch: epoch), default: 0] += 1 }

        #expect(seen.count == 24 && seen.values.allSatisfy { (130...270).contains($0) }, "\(seen.values.sorted())")
    }

    @Test("the order of a seed is part of our promise: it never changes") func pinned() {
        #expect(shuffledIndexes(10, seed: 42, epoch: 0) == pinnedOrder)
    }

    @Test("any number of workers gives the same batches in the same order", arguments: [0, 1, 2, 4]) func workers(count: Int) throws {
        let slow = Counting(count: 60).map { sample in
            // Early samples take longest, so that finishing order is the reverse of asking order.
            var sum: Float = 0
            for step in 0..<Int(2000 - sample.x.elements[0] * 30) { sum += Float(step & 1) }
            return Sample([sample.x.elements[0], sum - sum], sample.y)
        }
        func read(_ workers: Int) throws -> [RawBatch] {
            let batches = try DataLoader(slow, batchSize: 7, shuffled: true, seed: 9, workers: workers).batches(epoch: 2)
            var read: [RawBatch] = []
            while let batch = try batches.next() { read.append(batch) }
            return read
        }

        #expect(try read(count) == read(0))
    }

    @Test("an item that throws fails its batch, and only that one") func failing() throws {
        struct Broken: Error {}
        let set = Counting(count: 6).map { sample in
            if sample.x.elements[0] == 2 { throw Broken() }
            return sample
        }
        let batches = try DataLoader(set, batchSize: 2, workers: 2).batches()

        #expect(try batches.next()?.count == 2)
        #expect(throws: Broken.self) { try batches.next() }
        #expect(try batches.next()?.targets == .labels([0, 1]))
        #expect(try batches.next() == nil)
    }

    @Test("random changes depend on seed, epoch and index, not on who reads") func augmented() throws {
        let set = Counting(count: 8).augmented(seed: 5) { sample, stream in Sample([Float(stream.uniform())], sample.y) }
        let loader = DataLoader(set, batchSize: 3, workers: 3), alone = DataLoader(set, batchSize: 8, workers: 0)
        func values(_ loader: DataLoader, _ epoch: Int) throws -> [Float] {
            let batches = try loader.batches(epoch: epoch)
            var values: [Float] = []
            while let batch = try batches.next() { values += batch.inputs.elements }
            return values
        }

        #expect(try values(loader, 1) == values(alone, 1) && values(loader, 1) != values(loader, 2))
        #expect(Set(try values(loader, 1)).count == 8)
    }

    @Test("splits by filter and by share lose nothing") func splits() throws {
        let filtered = Counting().split { $0 % 3 != 0 }, random = Counting(count: 11).split(validFraction: 0.3, seed: 1)

        #expect(filtered.train.indexes == [1, 2, 4, 5, 7, 8] && filtered.valid.indexes == [0, 3, 6, 9])
        #expect(random.valid.count == 3 && (random.train.indexes + random.valid.indexes).sorted() == Array(0..<11))
        #expect(try filtered.train[0] == Counting()[1])
    }

    @Test("batches made once are handed out unchanged in every epoch") func fixed() throws {
        let loader = DataLoader(batches: [LinearRegression.batch])
        var first = try loader.start(epoch: 0), second = try loader.start(epoch: 1)

        #expect(try first.next()!.x === second.next()!.x)
        #expect(try first.next() == nil && loader.count == 1 && loader.sampleCount == 11)
        #expect(try loader.batches().next() == LinearRegression.batch)
    }

    @Test("pictures become N,C,H,W in the loader") func permuted() throws {
        let set = ArrayDataset([Sample(RawArray((0..<12).map(Float.init), shape: [2, 2, 3]), label: 0)])
        let batch = try #require(try DataLoader(set, batchSize: 1, transform: channelsFirst).batches().next())

        #expect(batch.inputs == RawArray([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11], shape: [1, 3, 2, 2]))
        #expect(Batch(batch).x.scalars == Tensor((0..<12).map(Float.init), shape: [1, 2, 2, 3]).permute(0, 3, 1, 2).scalars)
        #expect(throws: DataError.wrongShape(operation: "channelsFirst", shape: [1, 2], needed: "[batch, height, width, channels]")) {
            try channelsFirst(RawBatch(inputs: RawArray([1, 2], shape: [1, 2]), targets: .labels([0])))
        }
    }

    private func counts(_ loader: DataLoader) throws -> [Int] {
        let batches = try loader.batches()
        var counts: [Int] = []
        while let batch = try batches.next() { counts.append(batch.count) }
        return counts
    }
}

private let pinnedOrder = [1, 7, 5, 2, 8, 4, 9, 0, 6, 3]
