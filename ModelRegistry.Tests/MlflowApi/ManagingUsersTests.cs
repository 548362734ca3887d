using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.MlflowApi;

/// <summary>MLflow's basic-auth calls, as its AuthServiceClient makes them.</summary>
public sealed class ManagingUsersTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Password = "grüne Wiese am Bach";

    [SkippableTheory, OnEachDatabase]
    public async Task A_user_is_made_found_promoted_and_deleted(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var admin = app.AdminClient;
        var name = Any.Name("user") + "@example.org";
        // The registry keeps an admin who can sign in: without this one, the user would become the only one.
        await app.UserAsync(RegistryRole.Admin, password: Password);

        var made = (await admin.MlflowPostAsync("users/create", new { username = name, password = Password })).Ok()["user"];
        made.GetProperty("username").GetString().ShouldBe(name);
        made.GetProperty("is_admin").GetBoolean().ShouldBeFalse();
        made.GetProperty("experiment_permissions").GetArrayLength().ShouldBe(0);
        using var user = Client(app, name, Password);
        (await user.MlflowGetAsync("users/current")).Ok()["user"].GetProperty("username").GetString().ShouldBe(name);
        (await admin.MlflowGetAsync("users/list")).Ok()["users"].EnumerateArray().Select(u => u.GetProperty("username").GetString()).ShouldContain(name);

        (await admin.MlflowPatchAsync("users/update-admin", new { username = name, is_admin = true })).Ok();
        (await admin.MlflowGetAsync($"users/get?username={name}")).Ok()["user"].GetProperty("is_admin").GetBoolean().ShouldBeTrue();
        (await user.MlflowGetAsync("users/list")).Ok();
        (await admin.MlflowPatchAsync("users/update-admin", new { username = name, is_admin = false })).Ok();
        (await user.MlflowGetAsync("users/list")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");

        (await admin.MlflowDeleteAsync("users/delete", new { username = name })).Ok();
        (await user.MlflowGetAsync("users/current")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await admin.MlflowDeleteAsync("users/delete", new { username = name })).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await admin.MlflowGetAsync($"users/get?username={name}")).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await admin.MlflowPostAsync("users/create", new { username = name, password = Password }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "RESOURCE_ALREADY_EXISTS");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_password_is_changed_by_its_user_and_set_by_an_admin(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Member, password: Password);
        using var first = Client(app, user.Email, Password);

        (await first.MlflowPatchAsync("users/update-password", new { username = user.Email, password = "rotes Boot am Steg" }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE").Message.ShouldNotBeNull().ShouldContain("current_password");
        (await first.MlflowPatchAsync("users/update-password",
            new { username = user.Email, password = "rotes Boot am Steg", current_password = "falsch falsch falsch" }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await first.MlflowPatchAsync("users/update-password",
            new { username = user.Email, password = "rotes Boot am Steg", current_password = Password })).Ok();
        (await first.MlflowGetAsync("users/current")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        using var second = Client(app, user.Email, "rotes Boot am Steg");
        (await second.MlflowGetAsync("users/current")).Ok();

        (await app.AdminClient.MlflowPatchAsync("users/update-password", new { username = user.Email, password = "gelbe Tonne im Hof" })).Ok();
        (await second.MlflowGetAsync("users/current")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        using var third = Client(app, user.Email, "gelbe Tonne im Hof");
        (await third.MlflowGetAsync("users/current")).Ok();

        // Not with a token, which may have been stolen; and not another one's.
        (await user.Client.MlflowPatchAsync("users/update-password",
            new { username = user.Email, password = "rotes Boot am Steg", current_password = "gelbe Tonne im Hof" }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        var other = await app.UserAsync(RegistryRole.Member, password: Password);
        (await third.MlflowPatchAsync("users/update-password",
            new { username = other.Email, password = "rotes Boot am Steg", current_password = Password }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
    }

    public static TheoryData<object> BadUsers =>
    [
        new { username = "u@example.org" }, new { username = "u@example.org", password = "" }, new { username = "u@example.org", password = (string?)null },
        new { username = "u@example.org", password = "            " }, new { username = "u@example.org", password = "short" },
        new { username = "u@example.org", password = "u@example.org" }, new { username = "u@example.org", password = "password123456" },
        new { username = "", password = Password }, new { password = Password }, new { username = "no-address", password = Password },
        new { username = "a\u0000b@example.org", password = Password }, new { username = 7, password = Password },
        new { username = new string('a', 300) + "@example.org", password = Password },
    ];

    [Theory, MemberData(nameof(BadUsers))]
    public async Task A_bad_name_or_password_is_refused(object body)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        (await app.AdminClient.MlflowPostAsync("users/create", body)).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
    }

    [Theory]
    [InlineData(RegistryRole.None), InlineData(RegistryRole.Viewer), InlineData(RegistryRole.Member)]
    [InlineData(RegistryRole.Auditor), InlineData(RegistryRole.GovernanceOfficer)]
    [Trait("Case", "F10")]
    public async Task Only_admins_manage_users(RegistryRole role)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(role);
        await ShouldManageNobodyAsync(app, user.Client, user.Email);
    }

    [Fact]
    [Trait("Case", "F11")]
    public async Task An_admins_token_needs_the_scope_for_it()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Admin, TokenScope.Read | TokenScope.Write | TokenScope.Register);
        await ShouldManageNobodyAsync(app, user.Client, user.Email);
    }

    [Fact]
    [Trait("Case", "F09")]
    public async Task Nobody_makes_something_else_of_a_user_with_further_members()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var name = Any.Name("user") + "@example.org";

        var user = (await app.AdminClient.MlflowPostAsync("users/create",
            new { username = name, password = Password, is_admin = true, isAdmin = true, roles = new[] { "Admin" }, id = 1 })).Ok()["user"];

        user.GetProperty("is_admin").GetBoolean().ShouldBeFalse();
        (await app.AdminClient.MlflowGetAsync($"users/get?username={name}")).Ok()["user"].GetProperty("is_admin").GetBoolean().ShouldBeFalse();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_permission_on_an_experiment_is_given_changed_and_taken(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.UserAsync(RegistryRole.Member);
        var user = await app.UserAsync(RegistryRole.None);
        var id = await owner.Client.NewExperimentAsync();
        var at = $"experiments/permissions/get?experiment_id={id}&username={user.Email}";

        (await owner.Client.MlflowGetAsync(at)).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await owner.Client.MlflowPostAsync("experiments/permissions/create", new { experiment_id = id, username = user.Email, permission = "READ" }))
            .Ok()["experiment_permission"].ToString().ShouldBe($$"""{"experiment_id":"{{id}}","user_id":{{user.Id}},"permission":"READ"}""");
        (await user.Client.MlflowGetAsync($"experiments/get?experiment_id={id}")).Ok();
        (await owner.Client.MlflowPostAsync("experiments/permissions/create", new { experiment_id = id, username = user.Email, permission = "EDIT" }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "RESOURCE_ALREADY_EXISTS");

        foreach (var permission in new[] { "EDIT", "MANAGE" })
        {
            (await owner.Client.MlflowPatchAsync("experiments/permissions/update", new { experiment_id = id, username = user.Email, permission })).Ok();
            (await user.Client.MlflowGetAsync(at)).Ok()["experiment_permission"].GetProperty("permission").GetString().ShouldBe(permission);
        }

        (await user.Client.MlflowGetAsync($"users/get?username={user.Email}")).Ok()["user"].GetProperty("experiment_permissions")
            .EnumerateArray().ShouldHaveSingleItem().GetProperty("permission").GetString().ShouldBe("MANAGE");
        (await owner.Client.MlflowDeleteAsync("experiments/permissions/delete", new { experiment_id = id, username = user.Email })).Ok();
        (await owner.Client.MlflowDeleteAsync("experiments/permissions/delete", new { experiment_id = id, username = user.Email }))
            .ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await owner.Client.MlflowPatchAsync("experiments/permissions/update", new { experiment_id = id, username = user.Email, permission = "READ" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await user.Client.MlflowGetAsync($"experiments/get?experiment_id={id}")).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Who_does_not_manage_an_experiment_gives_nothing_away_and_learns_nothing(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.UserAsync(RegistryRole.Member);
        var member = await app.UserAsync(RegistryRole.Member);
        var stranger = await app.UserAsync(RegistryRole.None);
        var id = await owner.Client.NewExperimentAsync();

        (await member.Client.MlflowPostAsync("experiments/permissions/create", new { experiment_id = id, username = member.Email, permission = "MANAGE" }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.Client.MlflowGetAsync($"experiments/permissions/get?experiment_id={id}&username={owner.Email}"))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.Client.MlflowGetAsync($"experiments/permissions/get?experiment_id={id}&username=nobody@example.org"))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await stranger.Client.MlflowGetAsync($"experiments/permissions/get?experiment_id={id}&username={owner.Email}"))
            .ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await owner.Client.MlflowPostAsync("experiments/permissions/create", new { experiment_id = id, username = member.Email, permission = "OWN" }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await owner.Client.MlflowPostAsync("experiments/permissions/create", new { experiment_id = "999999999", username = member.Email, permission = "READ" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await owner.Client.MlflowPostAsync("experiments/permissions/create", new { experiment_id = id, username = "nobody@example.org", permission = "READ" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
    }

    [Fact]
    [Trait("Case", "F10")]
    public async Task The_last_admin_who_can_sign_in_stays_one()
    {
        await using var app = await RegistryApp.StartAsync();
        var last = await app.UserAsync(RegistryRole.Admin, password: Password);
        using var self = Client(app, last.Email, Password);

        foreach (var client in new[] { self, app.AdminClient })
        {
            (await client.MlflowPatchAsync("users/update-admin", new { username = last.Email, is_admin = false })).Message!.ShouldContain("the only admin who can sign in");
            (await client.MlflowDeleteAsync("users/delete", new { username = last.Email })).Message!.ShouldMatch("the only admin who can sign in|your own account");
        }

        (await self.MlflowGetAsync("users/list")).Ok();
    }

    private static async Task ShouldManageNobodyAsync(RegistryApp app, HttpClient client, string self)
    {
        var other = await app.UserAsync(RegistryRole.Viewer, password: Password);
        foreach (var answer in new[]
        {
            await client.MlflowPostAsync("users/create", new { username = Any.Name() + "@example.org", password = Password }),
            await client.MlflowGetAsync("users/list"), await client.MlflowGetAsync($"users/get?username={other.Email}"),
            await client.MlflowGetAsync("users/get?username=nobody@example.org"),
            await client.MlflowPatchAsync("users/update-admin", new { username = self, is_admin = true }),
            await client.MlflowPatchAsync("users/update-admin", new { username = "nobody@example.org", is_admin = true }),
            await client.MlflowPatchAsync("users/update-password", new { username = other.Email, password = "rotes Boot am Steg" }),
            await client.MlflowDeleteAsync("users/delete", new { username = other.Email }),
            await client.MlflowDeleteAsync("users/delete", new { username = "nobody@example.org" }),
        })
        {
            answer.ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        }

        (await client.MlflowGetAsync($"users/get?username={self}")).Ok();
    }

    private static HttpClient Client(RegistryApp app, string name, string password)
    {
        var client = app.AnonymousClient();
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
        return client;
    }
}
