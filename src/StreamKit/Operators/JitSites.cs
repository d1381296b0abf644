using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace StreamKit.Operators;

/// <summary>
/// Gives every user function a compiled operator body of its own. An operator type shared by many lambdas calls them indirectly; a body that has seen only one
/// gets it inlined. A site is an empty struct without meaning that the operator takes as an extra type parameter. Sites are reused by the lambda's method,
/// and limited per process, so that a job built a thousand times compiles nothing new.
/// </summary>
internal static class JitSites
{
    /// <summary>4,096 bodies of a few hundred bytes to a few kilobytes each; beyond that operators share the last one.</summary>
    private const int Limit = 16 * 16 * 16;

    private static readonly Type[] s_digits =
    [
        typeof(D0), typeof(D1), typeof(D2), typeof(D3), typeof(D4), typeof(D5), typeof(D6), typeof(D7),
        typeof(D8), typeof(D9), typeof(D10), typeof(D11), typeof(D12), typeof(D13), typeof(D14), typeof(D15),
    ];

    private static readonly ConcurrentDictionary<MethodInfo, Type> s_sites = new();
    private static int s_count;

    /// <summary>Makes an operator whose last type parameter is the site of <paramref name="function"/>, or a struct with that site around the function.</summary>
    /// <param name="shared">Makes the operator with the shared site; its type says which generic type is meant.</param>
    /// <param name="function">The user's function.</param>
    /// <param name="arguments">The constructor's arguments; not used when the operator takes such a struct, which is then its only argument.</param>
    public static TOperator Create<TOperator>(Func<TOperator> shared, Delegate function, params object?[] arguments)
        where TOperator : class
    {
        var operatorWithSharedSite = shared();
        if (!RuntimeFeature.IsDynamicCodeSupported)
            return operatorWithSharedSite;
        var type = operatorWithSharedSite.GetType();
        var types = type.GetGenericArguments();
        var site = SiteOf(function.Method);
        if (types[^1] == typeof(SharedSite))
        {
            types[^1] = site;
        }
        else
        {
            var wrapper = types[^1];
            types[^1] = wrapper.GetGenericTypeDefinition().MakeGenericType([.. wrapper.GetGenericArguments()[..^1], site]);
            arguments = [types[^1].GetConstructors()[0].Invoke([function])];
        }

        return (TOperator)Activator.CreateInstance(type.GetGenericTypeDefinition().MakeGenericType(types), BindingFlags.Instance | BindingFlags.Public, null, arguments, null)!; // never null for a class
    }

    private static Type SiteOf(MethodInfo method) => s_sites.GetOrAdd(method, static _ =>
    {
        var number = Math.Min(Interlocked.Increment(ref s_count), Limit) - 1;
        return typeof(Site<,,>).MakeGenericType(s_digits[number / 256], s_digits[number / 16 % 16], s_digits[number % 16]);
    });

    private readonly struct Site<T1, T2, T3>;

    private readonly struct D0;

    private readonly struct D1;

    private readonly struct D2;

    private readonly struct D3;

    private readonly struct D4;

    private readonly struct D5;

    private readonly struct D6;

    private readonly struct D7;

    private readonly struct D8;

    private readonly struct D9;

    private readonly struct D10;

    private readonly struct D11;

    private readonly struct D12;

    private readonly struct D13;

    private readonly struct D14;

    private readonly struct D15;
}

/// <summary>The site of operators that share one body, where code cannot be made at run time.</summary>
internal readonly struct SharedSite;
