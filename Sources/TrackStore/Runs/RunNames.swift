/// Names that people can say: adjective-noun-number.
enum RunNames {
    static let adjectives = """
        amber ample bold brave breezy bright brisk calm candid careful cheerful civil clear clever crisp curious daring dapper deft eager early earnest easy \
        fair fearless fine fleet fluent fond frank free fresh gentle glad golden grand great green happy hardy honest humble jolly keen kind lively loyal lucid \
        lucky mellow merry mild misty modest neat nimble noble patient plain playful polite proud quick quiet rapid rare ready robust rosy royal sage sharp \
        shiny silent silver simple sleek smart smooth snug solid sound spry stable steady still sturdy sunny super swift tender tidy tranquil true upbeat \
        valiant vast vivid warm wise witty young zesty
        """.split(separator: " ").map(String.init)
    static let nouns = """
        acorn badger bay beacon birch bison brook canyon cedar cliff cloud comet coral crane creek cypress dawn delta dolphin dove dune eagle ember falcon fern \
        field finch fjord forest fox galaxy garden geyser glacier glade grove harbor hawk hazel heron hill horizon island jasper juniper kestrel kite lagoon \
        lake lantern lark laurel leaf lotus lynx maple marsh meadow mesa meteor mist monsoon moon moss nebula oak ocean orchid osprey otter owl palm panda \
        pebble pine planet plateau pond poppy prairie puffin quartz rain raven reef ridge river robin sail sea shore sky snow sparrow spring spruce star \
        stone stream summit sun swan thistle thunder tide timber tiger trail tulip tundra valley violet wave willow wind wolf wren
        """.split(separator: " ").map(String.init)

    static func make(number: Int) -> String { "\(adjectives.randomElement()!)-\(nouns.randomElement()!)-\(number)" }
}

/// Which names can be used: they stand in addresses, lists and files.
enum NameRules {
    static func check(_ name: String, kind: String, bytes limit: Int = 200) throws {
        func refuse(_ reason: String) throws { throw StoreError.invalidName(kind: kind, value: name, reason: reason) }
        if name.isEmpty { try refuse("it is empty") }
        if name.utf8.count > limit { try refuse("it has \(name.utf8.count) bytes, \(limit) are allowed") }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { try refuse("it holds a control character") }
        if name.first!.isWhitespace || name.last!.isWhitespace { try refuse("it begins or ends with a space") }
        if name == "." || name == ".." { try refuse("it means a folder in addresses") }
    }
}
