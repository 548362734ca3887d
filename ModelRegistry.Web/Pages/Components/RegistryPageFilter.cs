using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using ModelRegistry.Core.Common;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>
/// Translates the registry's refusals for people. A refused form shows itself again with the message at the field,
/// where its page can (<see cref="IShowAgain"/>), or goes back with a toast. A refused view is an error page.
/// </summary>
internal sealed class RegistryPageFilter(ITempDataDictionaryFactory tempData) : IAsyncPageFilter
{
    public const string Message = "error-message";

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        // A form that no page has: what shows the page was not run, so there is nothing to show.
        if (context.HandlerMethod is null && !HttpMethods.IsGet(context.HttpContext.Request.Method) && !HttpMethods.IsHead(context.HttpContext.Request.Method))
        {
            context.HttpContext.Response.Headers.Allow = "GET, HEAD";
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
            return;
        }

        try
        {
            NulCharacters.Refuse(context.HttpContext.Request.Query);
            // As it was bound: a form that could not be read is refused as before.
            NulCharacters.Refuse(context.HttpContext.Features.Get<IFormFeature>()?.Form ?? FormCollection.Empty);
        }
        catch (InvalidArgumentException e)
        {
            // The page cannot show again what no database can be asked for.
            context.HttpContext.Items[Message] = e.Message;
            context.Result = new StatusCodeResult(StatusCodes.Status400BadRequest);
            return;
        }

        var executed = await next();
        if (executed.Exception is not RegistryException refusal || executed.ExceptionHandled)
            return;
        executed.Result = await AnswerAsync(context, refusal);
        executed.ExceptionHandled = true;
    }

    private async Task<IActionResult> AnswerAsync(PageHandlerExecutingContext context, RegistryException refusal)
    {
        var http = context.HttpContext;
        var posted = HttpMethods.IsPost(http.Request.Method);
        if (posted && refusal is not ForbiddenException && context.HandlerInstance is PageModel page and IShowAgain again)
        {
            page.ModelState.AddModelError(FieldOf(page, refusal), refusal.Message);
            try
            {
                await again.ShowAgainAsync(http.RequestAborted);
                var result = page.Page();
                result.StatusCode = StatusOf(refusal);
                return result;
            }
            catch (RegistryException e)
            {
                // The thing itself is gone: the error page says so.
                refusal = e;
                posted = false;
            }
        }

        if (posted && refusal is not NotFoundException)
        {
            var saved = tempData.GetTempData(http);
            saved[Toast.Key] = JsonSerializer.Serialize(new Toast(refusal.Message, "danger"));
            return new LocalRedirectResult(http.Request.PathBase + http.Request.Path);
        }

        http.Items[Message] = refusal.Message;
        return new StatusCodeResult(StatusOf(refusal));
    }

    // A service names the argument as the API does (`name`, `new_name`); a page may bind it as `Input.Name`.
    private static string FieldOf(PageModel page, RegistryException refusal)
    {
        var field = refusal switch
        {
            InvalidArgumentException invalid => invalid.Field,
            AlreadyExistsException => "name",
            _ => "",
        };
        var plain = field.Replace("_", "");
        return page.ModelState.Keys.FirstOrDefault(key =>
            key[(key.LastIndexOf('.') + 1)..].Equals(plain, StringComparison.OrdinalIgnoreCase)) ?? "";
    }

    private static int StatusOf(RegistryException refusal) => refusal switch
    {
        NotFoundException => StatusCodes.Status404NotFound,
        ForbiddenException => StatusCodes.Status403Forbidden,
        AlreadyExistsException or ConflictException or HeldException or PolicyNotMetException => StatusCodes.Status409Conflict,
        UnavailableException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
