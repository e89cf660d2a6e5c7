%% The same workloads on the BEAM. Prints `name value` lines; run as
%%   erl -noshell -pa DIR -s bench main CASE -s init stop
-module(bench).
-export([main/1]).

-define(ACTORS, 100000).

main([Case]) ->
    Name = atom_to_list(Case),
    Values = [measure(Case) || _ <- lists:seq(1, 3)],
    Best = case Case of
        death -> lists:min(Values);
        idle -> lists:min(Values);
        million -> lists:min(Values);
        _ -> lists:max(Values)
    end,
    io:format("~s ~p~n", [Name, float(Best)]).

measure(sink) -> rate(4000000, fun() -> sink(4000000) end);
measure(roundRobin) ->
    Pids = [spawn(fun() -> counter(20) end) || _ <- lists:seq(1, ?ACTORS)],
    Refs = [monitor(process, P) || P <- Pids],
    rate(?ACTORS * 20, fun() ->
        [[P ! I || P <- Pids] || I <- lists:seq(1, 20)],
        [receive {'DOWN', R, process, _, _} -> ok end || R <- Refs]
    end);
measure(pingPong) -> rate(1000000, fun() -> ping_pong(1000000) end);
measure(call) -> rate(400000, fun() -> calls(100, 4000) end);
measure(spawn) ->
    rate(1000000, fun() ->
        Pids = [spawn(fun idle/0) || _ <- lists:seq(1, 1000000)],
        spawn(fun() -> [exit(P, kill) || P <- Pids] end)
    end);
measure(death) ->
    Self = self(),
    Center = spawn(fun() ->
        Pids = [spawn_link(fun idle/0) || _ <- lists:seq(1, ?ACTORS)],
        Self ! {pids, Pids},
        receive crash -> exit(crash) end
    end),
    Pids = receive {pids, All} -> All end,
    Refs = [monitor(process, P) || P <- Pids],
    ms(fun() ->
        Center ! crash,
        [receive {'DOWN', R, process, _, _} -> ok end || R <- Refs]
    end);
measure(idle) ->
    Before = erlang:memory(processes),
    Pids = [spawn(fun idle/0) || _ <- lists:seq(1, ?ACTORS)],
    After = erlang:memory(processes),
    [exit(P, kill) || P <- Pids],
    (After - Before) / ?ACTORS;
measure(million) ->
    Pids = [spawn(fun idle/0) || _ <- lists:seq(1, 1000000)],
    Total = erlang:memory(total) / 1.0e6,
    [exit(P, kill) || P <- Pids],
    timer:sleep(500),
    Total.

rate(Count, Fun) -> Count / ms(Fun) / 1000.

ms(Fun) ->
    Begin = erlang:monotonic_time(microsecond),
    Fun(),
    (erlang:monotonic_time(microsecond) - Begin) / 1000.

idle() -> receive stop -> ok end.

counter(0) -> ok;
counter(N) -> receive _ -> counter(N - 1) end.

sink(N) ->
    {Pid, Ref} = spawn_monitor(fun() -> counter(N) end),
    produce(Pid, N),
    receive {'DOWN', Ref, process, _, _} -> ok end.

produce(_, 0) -> ok;
produce(Pid, N) -> Pid ! N, produce(Pid, N - 1).

ping_pong(N) ->
    {Pid, Ref} = spawn_monitor(fun pong/0),
    ping(Pid, N),
    Pid ! stop,
    receive {'DOWN', Ref, process, _, _} -> ok end.

pong() -> receive stop -> ok; From -> From ! 1, pong() end.

ping(_, 0) -> ok;
ping(Pid, N) -> Pid ! self(), receive 1 -> ping(Pid, N - 1) end.

calls(InFlight, Rounds) ->
    Server = spawn(fun server/0),
    [begin
        Refs = [begin R = make_ref(), Server ! {self(), R, I}, R end || I <- lists:seq(1, InFlight)],
        [receive {Ref, _} -> ok end || Ref <- Refs]
     end || _ <- lists:seq(1, Rounds)],
    exit(Server, kill).

server() -> receive {From, Ref, N} -> From ! {Ref, N + 1}, server() end.
