%% Runs the random scripts of script.ts on the BEAM. Every process writes down what happens to it; after each command
%% the controller waits until nobody has anything to do, so that what was written does not depend on scheduling.
-module(scripts).
-export([main/1, start_child/4, init/1]).

main([File, LanesText]) ->
    {ok, Scripts} = file:consult(File),
    Self = self(),
    warm_up(),
    Lanes = list_to_integer(LanesText),
    Parts = [[S || {I, S} <- lists:enumerate(Scripts), I rem Lanes =:= L] || L <- lists:seq(0, Lanes - 1)],
    [spawn(fun() -> lane(L, Part), Self ! lane_done end) || {L, Part} <- lists:enumerate(Parts)],
    [receive lane_done -> ok end || _ <- Parts],
    ok.

%% What is loaded on first use must not be waited for in a script.
warm_up() ->
    process_flag(trap_exit, true),
    T = ets:new(script, [public, ordered_set]),
    ets:insert(T, [{lane, warm}, {scale, 1}, {step, 0}]),
    {ok, Sup} = supervisor:start_link(?MODULE, {T, 0, one_for_all, 1, [{0, permanent}, {1, permanent}]}),
    [begin slot(T, {c, 0, 0}) ! {do, {die, crash}}, timer:sleep(100) end || _ <- [1, 2]],
    false = is_process_alive(Sup),
    catch look(T),
    io:put_chars("").

lane(Lane, Scripts) ->
    process_flag(trap_exit, true),
    [run(Lane, S) || S <- Scripts].

run(Lane, {Id, Scale, Ops}) ->
    T = ets:new(script, [public, ordered_set]),
    ets:insert(T, [{lane, Lane}, {scale, Scale}, {step, 0}]),
    [begin_process(T, {p, N}, none) || N <- [0, 1, 2, 3]],
    [begin
         ets:insert(T, {step, Step}),
         perform(T, Op),
         settle(T),
         bury(T)
     end || {Step, Op} <- lists:enumerate(Ops)],
    Lines = [[integer_to_list(Step), $\s, Who, $\s, Text, $\n] || {{log, _}, Step, Who, Text} <- ets:tab2list(T)],
    [exit(P, kill) || {{pid, P}, _} <- ets:tab2list(T)],
    settle(T),
    ets:delete(T),
    flush(),
    io:put_chars(["script ", integer_to_list(Id), $\n, Lines, "end\n"]).

%% Who has died in this step.
bury(T) ->
    [begin
         ets:insert(T, {{buried, P}, true}),
         log(T, Label, "died")
     end || {{pid, P}, Label} <- ets:tab2list(T), not is_process_alive(P), ets:lookup(T, {buried, P}) =:= []].

flush() -> receive _ -> flush() after 0 -> ok end.

%% ── processes ──────────────────────────────────────────────────────────────────────────────────────────────────────

begin_process(T, Slot, Link) ->
    Me = self(),
    Body = fun() -> enter(T, Slot), case Link of started -> Me ! {entered, self()}; _ -> ok end, loop(T, []) end,
    Pid = case Link of started -> spawn_link(Body); _ -> spawn(Body) end,
    case Link of
        started -> receive {entered, Pid} -> ok end;
        none -> enter(T, Slot, Pid)
    end,
    Pid.

enter(_T, {p, _}) -> ok;
enter(T, Slot) -> enter(T, Slot, self()).

enter(T, Slot, Pid) -> ets:insert(T, [{{slot, Slot}, Pid}, {{pid, Pid}, label(Slot)}]).

label({p, N}) -> "p" ++ integer_to_list(N);
label({c, S, N}) -> "s" ++ integer_to_list(S) ++ "c" ++ integer_to_list(N);
label({s, S}) -> "s" ++ integer_to_list(S).

who(T, Pid) -> case ets:lookup(T, {pid, Pid}) of [{_, Label}] -> Label; [] -> "nobody" end.

slot(T, Slot) -> case ets:lookup(T, {slot, Slot}) of [{_, Pid}] -> Pid; [] -> none end.

log(T, Text) -> log(T, who(T, self()), Text).

log(T, Who, Text) ->
    Key = {log, erlang:unique_integer([monotonic])},
    ets:insert(T, {Key, ets:lookup_element(T, step, 2), Who, Text}).

loop(T, Refs) ->
    receive
        {do, Command} -> loop(T, exec(T, Command, Refs));
        {msg, Tag, N} -> log(T, ["got ", text(Tag), $\s, text(N)]), loop(T, Refs);
        {'EXIT', From, Reason} -> log(T, ["EXIT ", who(T, From), $\s, text(Reason)]), loop(T, Refs);
        {'DOWN', _, process, From, Reason} -> log(T, ["DOWN ", who(T, From), $\s, text(Reason)]), loop(T, Refs)
    end.

text(X) when is_integer(X) -> integer_to_list(X);
text(X) when is_atom(X) -> atom_to_list(X);
text(X) -> io_lib:format("~w", [X]).

name(T, N) ->
    list_to_atom("n" ++ integer_to_list(ets:lookup_element(T, lane, 2)) ++ "_" ++ integer_to_list(N)).

ms(T, Units) -> Units * ets:lookup_element(T, scale, 2).

answers(T, What, Fun) ->
    Result = try Fun() catch error:badarg -> badarg end,
    log(T, [What, $\s, text(Result)]).

%% A command with a slot that was never used does nothing.
exec(T, Command, Refs) ->
    case resolve(T, Command) of
        none -> Refs;
        Resolved -> do(T, Resolved, Refs)
    end.

resolve(T, {What, {slot, Slot}}) -> with(slot(T, Slot), fun(P) -> {What, P} end);
resolve(T, {What, {slot, Slot}, A}) -> with(slot(T, Slot), fun(P) -> {What, P, A} end);
resolve(T, {What, {slot, Slot}, A, B}) -> with(slot(T, Slot), fun(P) -> {What, P, A, B} end);
resolve(_, Command) -> Command.

with(none, _) -> none;
with(Pid, Fun) -> Fun(Pid).

do(_, {send, P, Tag, N}, Refs) -> P ! {msg, Tag, N}, Refs;
do(_, {link, P}, Refs) -> (try link(P) catch error:noproc -> exit(noproc) end), Refs;
do(_, {unlink, P}, Refs) -> unlink(P), Refs;
do(_, {monitor, P}, Refs) -> Refs ++ [monitor(process, P)];
do(T, {demonitor, K}, Refs) ->
    case Refs of
        [] -> Refs;
        _ ->
            Ref = lists:nth(K rem length(Refs) + 1, Refs),
            log(T, ["demonitor ", text(demonitor(Ref, [info]))]),
            Refs
    end;
do(_, {trap, On}, Refs) -> process_flag(trap_exit, On), Refs;
do(_, {exit, P, Reason}, Refs) -> exit(P, Reason), Refs;
do(_, {die, Reason}, _) -> exit(Reason);
do(T, {recv, Tag, Units}, Refs) ->
    Time = case Units of infinity -> infinity; _ -> ms(T, Units) end,
    ets:insert(T, {{receiving, self()}, true}),
    receive {msg, Tag, N} -> log(T, ["picked ", text(Tag), $\s, text(N)])
    after Time -> log(T, "nothing")
    end,
    ets:delete(T, {receiving, self()}),
    Refs;
do(T, {register, P, N}, Refs) -> answers(T, "register", fun() -> register(name(T, N), P) end), Refs;
do(T, {unregister, N}, Refs) -> answers(T, "unregister", fun() -> unregister(name(T, N)) end), Refs;
do(T, {whereis, N}, Refs) ->
    log(T, ["whereis ", case whereis(name(T, N)) of undefined -> "nobody"; P -> who(T, P) end]),
    Refs;
do(T, {send_named, N, Tag, I}, Refs) ->
    answers(T, "send_named", fun() -> name(T, N) ! {msg, Tag, I}, ok end),
    Refs;
do(T, {alive, P}, Refs) -> log(T, ["alive ", text(is_process_alive(P))]), Refs;
do(T, {send_after, P, {Units, Tag}, I}, Refs) -> remember(T, erlang:send_after(ms(T, Units), P, {msg, Tag, I})), Refs;
do(T, {send_after_named, N, {Units, Tag}, I}, Refs) ->
    remember(T, erlang:send_after(ms(T, Units), name(T, N), {msg, Tag, I})),
    Refs;
do(T, {cancel, K}, Refs) ->
    case get(timers) of
        undefined -> ok;
        Timers ->
            Left = erlang:cancel_timer(lists:nth(K rem length(Timers) + 1, Timers)),
            log(T, ["cancel ", text(Left =/= false)])
    end,
    Refs.

remember(_, Timer) ->
    put(timers, case get(timers) of undefined -> [Timer]; Timers -> Timers ++ [Timer] end).

%% ── the controller ─────────────────────────────────────────────────────────────────────────────────────────────────

%% Who waits in a receive gets no order: it would carry out several in one step, beside others.
perform(T, {do, Slot, Command}) ->
    P = slot(T, Slot),
    case P =:= none orelse ets:lookup(T, {receiving, P}) =/= [] of
        true -> ok;
        false -> P ! {do, Command}
    end;
perform(T, {sleep, Units}) -> timer:sleep(ms(T, Units));
perform(T, {supervise, S, Strategy, Intensity, Children}) ->
    {ok, Sup} = supervisor:start_link(?MODULE, {T, S, Strategy, Intensity, Children}),
    enter(T, {s, S}, Sup),
    Ref = monitor(process, Sup),
    put({ref, S}, Ref);
perform(T, {stop, S}) -> exit(slot(T, {s, S}), shutdown);
perform(T, {which, S}) ->
    Sup = slot(T, {s, S}),
    case Sup =/= none andalso is_process_alive(Sup) of
        false -> log(T, label({s, S}), "gone");
        true ->
            Found = lists:sort([{Id, is_pid(P)} || {Id, P, _, _} <- supervisor:which_children(Sup)]),
            log(T, label({s, S}), [[$\s, text(Id), $:, text(Lives)] || {Id, Lives} <- Found])
    end.

init({T, S, Strategy, Intensity, Children}) ->
    Spec = fun({Id, Restart}) ->
        #{id => Id, start => {?MODULE, start_child, [T, S, Id, Restart]}, restart => Restart}
    end,
    {ok, {#{strategy => Strategy, intensity => Intensity, period => 3600}, [Spec(C) || C <- Children]}}.

start_child(T, S, Id, _) ->
    log(T, label({c, S, Id}), "start"),
    {ok, begin_process(T, {c, S, Id}, started)}.

%% Three looks in a row that show everybody waiting, and nothing new.
settle(T) -> settle(T, none, 0).

settle(_, _, 3) -> ok;
settle(T, Before, Same) ->
    erlang:yield(),
    case look(T) of
        Before -> settle(T, Before, Same + 1);
        busy -> settle(T, none, 0);
        Now -> settle(T, Now, 0)
    end.

look(T) ->
    Infos = [process_info(P, [status, message_queue_len]) || {{pid, P}, _} <- ets:tab2list(T)],
    case lists:all(fun(undefined) -> true; ([{status, S} | _]) -> S =:= waiting end, Infos) of
        true -> {Infos, ets:info(T, size)};
        false -> busy
    end.
