/// A file of ours that says of which form it is. `JSONCoding.decode` refuses one of a form that this version does not know.
public protocol StateFile: Decodable {
  var schema: Int { get }
}
