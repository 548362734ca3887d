using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Account;

public sealed class TokensPage(
    TokenService tokens, CurrentUserHolder caller, IConfiguration configuration, TimeProvider time) : RegistryPage, IShowAgain
{
    public static readonly IReadOnlyList<(TokenScope Scope, string Name, string Explanation)> Scopes =
    [
        (TokenScope.Read, "read", "see what you see"),
        (TokenScope.Write, "write", "log runs: experiments, runs, logged models, files"),
        (TokenScope.Register, "register", "register versions, move stages and aliases"),
        (TokenScope.Govern, "govern", "policies, holds, approvals"),
        (TokenScope.Admin, "admin", "users, grants, settings"),
    ];

    public static readonly IReadOnlyList<int> Lifetimes = [7, 30, 90, 180, 365];

    [BindProperty]
    public TokenInput Input { get; set; } = new();

    public IReadOnlyList<ApiToken> Tokens { get; private set; } = [];

    /// <summary>Set once: in the answer that made it.</summary>
    public CreatedToken? Created { get; private set; }

    public string Address => PublicUrl.Of(HttpContext, configuration);

    public Task OnGetAsync(CancellationToken ct) => ShowAgainAsync(ct);

    public async Task<IActionResult> OnPostCreateAsync(CancellationToken ct)
    {
        var scopes = TokenScopes.Parse(Input.Scopes);
        Created = await tokens.CreateAsync(caller.User.Id, new NewToken(Input.Name ?? "", scopes, Input.ExpiresDays), ct);
        await ShowAgainAsync(ct);
        Input = new TokenInput();
        ModelState.Clear();
        // Shown in the answer itself, not after a redirect: it would have to be kept somewhere in between.
        Response.Headers.CacheControl = "no-store";
        return Page();
    }

    public async Task<IActionResult> OnPostRevokeAsync(long id, CancellationToken ct)
    {
        await tokens.RevokeAsync(caller.User.Id, id, ct);
        return Done("The token is revoked: it is refused from now on.");
    }

    public async Task ShowAgainAsync(CancellationToken ct) => Tokens = await tokens.ListAsync(caller.User.Id, ct);

    public bool IsExpired(ApiToken token) => token.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Ten lines that need nothing but the client, and end with a version in the registry.</summary>
    public const string Script = """
        import mlflow

        class Answer(mlflow.pyfunc.PythonModel):
            def predict(self, context, model_input: list[str]) -> list[str]: return ["42" for _ in model_input]

        mlflow.set_experiment("first-steps")
        with mlflow.start_run():
            mlflow.log_param("depth", 4)
            for step in range(20): mlflow.log_metric("loss", 1 / (step + 1), step=step)
            mlflow.pyfunc.log_model("model", python_model=Answer(), registered_model_name="first-model")
        """;

    public sealed class TokenInput
    {
        public string? Name { get; set; }
        public List<string> Scopes { get; set; } = ["read", "write", "register"];
        public int ExpiresDays { get; set; } = NewToken.DefaultDays;
    }
}
