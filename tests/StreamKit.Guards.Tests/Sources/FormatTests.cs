namespace StreamKit.Guards.Tests;

/// <summary>The whole solution is formatted and styled as .editorconfig says.</summary>
public class FormatTests
{
    [Fact]
    public void Solution_CheckedByDotnetFormat_IsClean()
    {
        var (code, output) = Tool.Run("dotnet", "format", "StreamKit.sln", "--verify-no-changes", "--no-restore", "--verbosity", "quiet");

        Assert.True(code == 0, $"Some files are not formatted:\n{output}\nRemedy: run 'dotnet format StreamKit.sln' and commit what it changes.");
    }
}
