using System.CommandLine;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Cli;

/// <summary>`admin create --email E --password-stdin`: an admin who can sign in; the way back in for locked-out ones.</summary>
internal static class AdminVerb
{
    public static Command Create(CommandConsole console) => new("admin", "Makes administrators.") { CreateAdmin(console) };

    private static Command CreateAdmin(CommandConsole console)
    {
        var email = new Option<string>("--email") { Description = "The address they sign in with.", Required = true };
        var name = new Option<string>("--name") { Description = "What people call them." };
        var password = new Option<bool>("--password-stdin")
        {
            Description = "Reads the password (12 characters or more) from the first line of standard input, where no list of "
                + "processes and no shell history shows it.",
            Required = true,
        };
        var command = new Command("create", "Makes an administrator.") { email, name, password };
        command.SetAction((arguments, ct) => console.RunAsync(async (services, token) =>
        {
            var secret = await console.In.ReadLineAsync(token);
            if (string.IsNullOrEmpty(secret))
                throw new InvalidArgumentException("password", "There is no password on standard input.");
            var user = await services.GetRequiredService<UserService>().CreateAsync(
                new NewUser(arguments.GetValue(email)!, arguments.GetValue(name) ?? "",
                    RegistryRole.Member | RegistryRole.Admin, secret), token);
            await console.Error.WriteLineAsync($"{user.Email} is an administrator.");
            return 0;
        }, ct));
        return command;
    }
}
