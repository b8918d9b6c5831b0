public import TrackModel

/// What the server needs of a store to show histograms of many runs.
public protocol HistogramStore: Sendable {
    /// The names of the histograms that these runs logged; without them the runs that the filter lets through; without both, all that lists show.
    /// - Complexity: O(runs × names of each); the histograms themselves are not read.
    /// - Throws: ``StoreError/unknownProject(_:)``, ``StoreError/invalidFilter(text:position:reason:)``
    func histogramNames(project: String, runs: [RunID]?, filter: String?) async throws -> [HistogramNameRecord]
    /// Histograms over steps of several runs. Runs that are not there, or have not logged a name, are left out.
    /// - Complexity: O(runs × names × limit × log of their steps).
    /// - Throws: ``StoreError/invalidParameter(name:value:reason:)``, also where more than ``HistogramsRequest/mostSlices`` would have to be answered.
    func histograms(_ query: HistogramsQuery) async throws -> HistogramsAnswer
}

extension SQLiteStore: HistogramStore {}
