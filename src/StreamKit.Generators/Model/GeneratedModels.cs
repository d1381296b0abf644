namespace StreamKit.Generators.Model;

/// <summary>All that one type with the attribute needs: the code of its own members and of those of the types in it, and the shapes of all of them.</summary>
/// <param name="Codes">The objects.</param>
/// <param name="Shapes">The closed types.</param>
internal sealed record StreamTypeModel(EquatableArray<CodeModel> Codes, EquatableArray<ShapeModel> Shapes);

/// <summary>The code for the members of one type.</summary>
/// <param name="Type">The type as code names it, with its type parameters.</param>
/// <param name="Unbound">Of a generic type: its definition as <c>typeof</c> names it; else null.</param>
/// <param name="Name">Its simple name, for the name of the class that is made.</param>
/// <param name="TypeParameters">With brackets, or empty.</param>
/// <param name="Constraints">Those of the type parameters, or empty.</param>
/// <param name="IsStruct">Whether it is a struct.</param>
/// <param name="LeavesFieldsOut">Whether some fields are left out on purpose.</param>
/// <param name="Members">The members in wire order.</param>
/// <param name="Construction">The expression that makes a value from the locals m0, m1, …, which hold the members.</param>
internal sealed record CodeModel(
    string Type,
    string? Unbound,
    string Name,
    string TypeParameters,
    string Constraints,
    bool IsStruct,
    bool LeavesFieldsOut,
    EquatableArray<MemberModel> Members,
    string Construction);

/// <summary>One member.</summary>
/// <param name="Name">Its name in schemas.</param>
/// <param name="Access">Its name in code.</param>
/// <param name="Type">Its type as code names it.</param>
/// <param name="Cast">Of a type that writer and reader know themselves: what it is cast to when it is written, or empty.</param>
/// <param name="ReadMethod">Of such a type: the reader's method; else null.</param>
/// <param name="Default">The expression for what it is in an object made without it.</param>
/// <param name="History">The initializer that says what it was before, or empty.</param>
internal sealed record MemberModel(string Name, string Access, string Type, string Cast, string? ReadMethod, string Default, string History);

/// <summary>A closed type that is registered.</summary>
/// <param name="Type">The type as code names it.</param>
/// <param name="Expression">What makes its shape; null if it is that of the object's code.</param>
/// <param name="CodeOf">Of an object: the <see cref="CodeModel.Type"/> of its code.</param>
/// <param name="Arguments">Of an object: the type arguments of its code, with brackets, or empty.</param>
internal sealed record ShapeModel(string Type, string? Expression, string? CodeOf, string Arguments);
