extension Connection {
    /// A head is complete: finds the route, judges the body, and starts the handler or begins to collect.
    func begin(_ head: RequestHead) {
        headIsTimed = false
        readDeadline = .max
        var request = Request(box: RequestBox(head: head, method: Method(bytes: head.part(head.facts.method)), client: client,
                                              body: RequestBody(bytes: []), number: RequestID.next()))
        // While nobody else holds the request, its parameters are set in place; so the exchange is made afterwards.
        let route = Result { () throws(HTTPError) in try findRoute(of: &request, head) }
        let exchange = Exchange(head: head, request: request, now: loop.now)
        if core.isDraining { exchange.keepsAlive = false }
        self.exchange = exchange
        phase = .handling
        do {
            let route = try route.get()
            exchange.route = route
            exchange.bodyLimit = route.bodyLimit ?? core.configuration.limits.bodyBytes
            try prepareBody(of: exchange)
        } catch {
            answerAtOnce(error)
        }
    }

    /// Finds the route; the same head as before has the same.
    private func findRoute(of request: inout Request, _ head: RequestHead) throws(HTTPError) -> Router.Route {
        if let known, known.head === head {
            request.matched(route: known.route.pattern, parameters: known.parameters)
            return known.route
        }
        try request.checkQuery()
        let route = try core.router.match(&request)
        known = request.route != nil && request.rawQuery == nil && parser.remembers(head) ? (head, route, request.parameters) : nil
        return route
    }

    private func prepareBody(of exchange: Exchange) throws(HTTPError) {
        let limits = core.configuration.limits
        switch exchange.framing {
        case .none: startHandler(exchange)
        case .length(let length):
            guard length <= exchange.bodyLimit else {
                exchange.keepsAlive = false
                throw .bodyTooLarge(limit: exchange.bodyLimit)
            }
            if length <= limits.eagerBodyBytes, !exchange.awaitsContinue {
                phase = .collecting
                exchange.collected.reserveCapacity(length)
                beginBodyWindow()
            } else {
                startStreaming(declaredLength: length)
            }
        case .chunked: startStreaming(declaredLength: nil)
        }
    }

    private func startStreaming(declaredLength: Int?) {
        let exchange = self.exchange!
        let source = BodySource(declaredLength: declaredLength, bufferLimit: core.configuration.limits.bodyBufferBytes,
                                spare: loop.spareBodies.take(for: declaredLength)) { [weak self] in self?.bodyIsWanted() }
        exchange.source = source
        // Reading goes on when the handler asks: what it collects is then received straight into its array.
        exchange.isPaused = true
        // A client that waits for “100 Continue” is not slow: its window begins when it was told to go on.
        if !exchange.awaitsContinue { beginBodyWindow() }
        startHandler(exchange, body: .source(source))
    }

    /// Shows a request with its whole body to its route's direct handler.
    /// - Returns: Whether that one answers it.
    func takenDirectly(_ exchange: Exchange) -> Bool {
        guard let direct = exchange.route?.direct, let request = exchange.request, request.headers["content-encoding"] == nil else { return false }
        let before = loop.wakefulness
        loop.wakefulness.taken(at: loop.now)        // first: it may be answered at once
        guard direct(request, exchange.collected, Reply(self, exchange)) else {
            loop.wakefulness = before
            return false
        }
        exchange.route = nil
        return true
    }

    /// Starts the task that runs the handler and sends its response. On this thread, after the present step.
    func startHandler(_ exchange: Exchange, body: RequestBody.Storage? = nil) {
        if let body {
            let limits = core.configuration.limits
            var request = exchange.request!
            let coding = request.headers["content-encoding"].map(ContentCoding.init) ?? .identity
            exchange.request = nil
            request.body = RequestBody(body, coding: coding,
                                       policy: InflationPolicy(limit: exchange.bodyLimit, ratio: limits.inflationRatio))
            exchange.request = request
        }
        let request = exchange.request!, route = exchange.route!
        exchange.route = nil
        exchange.task = Task(executorPreference: loop) { [core] in
            let response = await core.respond(to: request, route)
            if let write = self.send(response, to: request) { await self.run(write) }
        }
    }

    /// Runs the closure of a streamed response, and ends the response.
    private func run(_ write: @Sendable (ResponseWriter) async throws -> Void) async {
        do {
            try await write(ResponseWriter { try await self.writeStream($0) })
            endStream()
        } catch {
            failStream(error)
        }
    }

    /// Answers without a handler; the connection goes on if the body is small enough to be dropped.
    private func answerAtOnce(_ error: HTTPError) {
        exchange!.isDiscarding = true
        _ = send(core.errorResponse(error, exchange!.request), to: nil)
    }

    /// The bytes make no sense any more, or come too slowly: answer and close.
    func refuse(_ error: HTTPError) {
        readDeadline = .max
        if phase == .handling {
            // The head was fine, its body is not. The handler learns it from the body, and answers.
            exchange!.keepsAlive = false
            exchange!.requestIsComplete = true
            exchange!.isDiscarding = true
            if exchange!.response == .queued { return output.isEmpty ? finishExchange() : () }
            if exchange!.source != nil { exchange!.source!.fail(error) }
            return
        }
        let refused = exchange ?? Exchange(refusedAt: loop.now)
        refused.keepsAlive = false
        refused.requestIsComplete = true
        refused.collected = []
        exchange = refused
        phase = .handling
        _ = send(core.errorResponse(error, refused.request), to: nil)
    }

    /// The response has left, or others wait behind it.
    func finishExchange() {
        guard phase == .handling, let exchange else { return }
        // A client that has closed its sending side is still answered what it sent before.
        let hasMore = !peerHasEnded || !inbox.isEmpty || isReadable
        guard exchange.keepsAlive, !core.isDraining, hasMore else {
            end(exchange)
            return closeGracefully()
        }
        guard exchange.requestIsComplete else { return discardRest(of: exchange) }
        end(exchange)
        phase = .reading
        setReadDeadline(after: core.times.idle)
        processInbox()
        // The next request may have come in part only; what the socket holds of the rest gives no new edge.
        if isReadable { comeBackLater() }
    }

    private func end(_ exchange: Exchange) {
        log(exchange)
        if let source = exchange.source { loop.spareBodies.keep(source.takeSpare(), now: loop.now) }
        self.exchange = nil
    }

    /// The handler answered without reading its body: a small rest is dropped, a large one is not worth the bytes.
    private func discardRest(of exchange: Exchange) {
        if exchange.restIsTooLong(for: core.configuration.limits.discardedBodyBytes) {
            end(exchange)
            return closeGracefully()
        }
        guard !exchange.isDiscarding || exchange.source != nil || readDeadline == .max else { return }
        exchange.isDiscarding = true
        exchange.isPaused = false
        beginBodyWindow()
        if isReadable { comeBackLater() }
    }
}

extension Request {
    /// Refuses a broken query before a handler runs; a query without `%` cannot be broken.
    mutating func checkQuery() throws(HTTPError) {
        guard let bytes = rawQuery, bytes.contains(Byte.percent) else { return }
        query = try Query(encoded: bytes)
    }
}
