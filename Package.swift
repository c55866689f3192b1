// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
  .treatWarning("DeprecatedDeclaration", as: .warning),
]

let commands = ["ccci-poll", "ccci-run", "ccci-snap", "ccci-reconcile", "ccci-janitor", "ccci-alerts"]

let package = Package(
  name: "cc-ci",
  products: commands.map { .executable(name: $0, targets: [$0]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    // libcurl itself is loaded when it is first needed.
    .target(name: "CCurl"),
    .target(name: "CSys", cSettings: [.define("_GNU_SOURCE")]),
    .target(
      name: "CCCICore",
      dependencies: [
        "CCurl", "CLibYAML", "CCrypto", "CZstd", "CSys",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict),
    .testTarget(name: "CCCICoreTests", dependencies: ["CCCICore"], exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(name: "CCCIWorldTests", dependencies: ["CCCICore"], swiftSettings: strict),
    // For scripts/bench engine; never shipped.
    .executableTarget(name: "engine-reads", dependencies: ["CCCICore"], path: "Tests/EngineReads", swiftSettings: strict),
  ] + commands.map { .executableTarget(name: $0, dependencies: ["CCCICore"], swiftSettings: strict) }
)
