import HTTPSockets

/// What every page tells the browser to refuse: foreign code, frames and guessing of types (`docs/operations.md`).
enum SecurityHeaders {
    static let contentSecurityPolicy = [
        "default-src 'self'", "img-src 'self' data: blob:", "media-src 'self' blob:", "object-src 'none'",
        "base-uri 'none'", "form-action 'self'", "frame-ancestors 'self'",
    ].joined(separator: "; ")

    static let page: [(name: String, value: String)] = [
        ("Content-Security-Policy", contentSecurityPolicy), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]

    static func add(to response: inout Response) {
        for field in page where response.headers[field.name] == nil { response.headers.add(field.name, field.value) }
    }
}
