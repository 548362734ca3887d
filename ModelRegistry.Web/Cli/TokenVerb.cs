using System.CommandLine;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Cli;

/// <summary>`token create --email E --name N [--scopes a,b] [--expires-days D]`: prints the token, alone.</summary>
internal static class TokenVerb
{
    public static Command Create(CommandConsole console) => new("token", "Makes access tokens.") { CreateToken(console) };

    private static Command CreateToken(CommandConsole console)
    {
        var email = new Option<string>("--email") { Description = "Whose token it is.", Required = true };
        var name = new Option<string>("--name") { Description = "Says where it is used.", Required = true };
        var scopes = new Option<string>("--scopes")
        {
            Description = "With commas between: read, write, register, govern, admin, all. A token never exceeds its owner.",
            DefaultValueFactory = _ => "read,write,register",
        };
        var days = new Option<int>("--expires-days")
        {
            Description = $"1 to {NewToken.MaxDays}.",
            DefaultValueFactory = _ => NewToken.DefaultDays,
        };
        var command = new Command("create", "Makes a token and prints it, alone, on standard output.") { email, name, scopes, days };
        command.SetAction((arguments, ct) => console.RunAsync(async (services, token) =>
        {
            var granted = TokenScopes.Parse(arguments.GetValue(scopes)!.Split(','));
            var user = await services.GetRequiredService<UserService>().GetByEmailAsync(arguments.GetValue(email)!, token);
            var created = await services.GetRequiredService<TokenService>().CreateAsync(
                user.Id, new NewToken(arguments.GetValue(name)!, granted, arguments.GetValue(days)), token);
            await console.Out.WriteLineAsync(created.Secret);
            return 0;
        }, ct));
        return command;
    }
}
