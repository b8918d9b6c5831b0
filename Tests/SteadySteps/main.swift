// Counts what steady steps of small trainings ask the system's allocator for, and fails unless that is nothing. It says something in a
// release build: debug builds leave out what the optimizer does. `scripts/test` runs it; the Swift tests hold debug builds to limits.
#if canImport(Glibc)
import Glibc

var isSteady = true
for model in SteadyModel.allCases {
    let found = try measureSteadySteps(model.makeLearner())
    print("\(model.rawValue): \(found)")
    if !found.keepNothing || found.steps != 2000 || found.objects != 0 { isSteady = false }
}
exit(isSteady ? EXIT_SUCCESS : EXIT_FAILURE)
#else
print("Not counted: this system's C library keeps no books of its allocator.")
#endif
