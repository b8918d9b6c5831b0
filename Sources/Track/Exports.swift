// A program that imports Track may name JSONValue, RunState, HistogramRecord and the other words of its API.
@_exported public import TrackModel
